//! How far it is: a bar where somebody looks, a few lines where the output is kept.

use std::io::{IsTerminal, Write, stdout};

const WIDTH: usize = 32;

/// A bar that is drawn anew, or a line for every quarter.
pub(super) struct Progress {
    whole: usize,
    done: usize,
    told: usize,
    live: bool,
}

impl Progress {
    pub(super) fn new(whole: usize) -> Self {
        let mut made = Self { whole: whole.max(1), done: 0, told: 0, live: stdout().is_terminal() };
        made.tell("Making the sample people: two years, through the system's own doors …\n");
        made
    }

    /// So much more is done; `when` is the day that has been reached.
    pub(super) fn more(&mut self, count: usize, when: &str) {
        self.done = (self.done + count).min(self.whole);
        let percent = self.done * 100 / self.whole;
        if self.live {
            let filled = self.done * WIDTH / self.whole;
            self.tell(&format!("\r  {}{} {percent:3} %  {when}", "█".repeat(filled), "░".repeat(WIDTH - filled)));
            if self.done == self.whole {
                self.tell("\n");
            }
        } else if percent / 25 > self.told {
            self.told = percent / 25;
            self.tell(&format!("  {percent:3} %  {when}\n"));
        }
    }

    /// Nobody needs to see it: a closed output ends nothing.
    fn tell(&mut self, text: &str) {
        let mut out = stdout().lock();
        drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
    }
}
