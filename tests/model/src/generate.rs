//! A history from a seed. Steps fall on a few moments, some of them many at once: what meets no
//! other handler finds no race.

mod cash;
mod purchases;
mod sending;

use crate::{
    clock::{DAY_MS, Time, time},
    history::{Act, History, Setting, Step, Traits, Weather},
    random::Random,
    telling::{CUSTOMERS_MAX, NAMES, Person, Telling, Way},
};

/// 2026-01-05T00:00:00Z.
const START_MS: i64 = 1_767_571_200_000;

/// The history of a seed.
#[must_use]
pub fn generate(seed: u64) -> History {
    let mut random = Random::new(seed);
    let customers = random.between(3, 4).try_into().unwrap_or(CUSTOMERS_MAX);
    let moments = moments(&mut random);
    let by_usage = random.chance(300);
    let (steps, joined) = (Vec::new(), vec![0; customers]);
    let mut maker = Maker { random: random.fork(), moments, customers, by_usage, steps, joined, purchases: 0, refunds: 0, keys: 0 };
    let people = maker.people();
    maker.settings();
    maker.signups();
    maker.purchases();
    maker.usage_and_rent();
    maker.closings();
    maker.payouts();
    maker.reviews();
    if maker.random.chance(60) {
        maker.add_from(0, Act::Poison { number: 1 });
    }
    let mut steps = maker.steps;
    steps.sort_by_key(|step| step.at);
    let width = random.between(2, 7).try_into().unwrap_or(2);
    History { seed, order: random.word(), people, steps, weather: weather(&mut random), width }
}

fn moments(random: &mut Random) -> Vec<i64> {
    let mut at = START_MS + random.between(0, 300 * DAY_MS);
    let count = random.between(6, 10);
    let mut moments = vec![at];
    for _ in 1..count {
        at += match random.below(100) {
            0..20 => random.between(500, 5_000),
            20..40 => random.between(5_000, 600_000),
            40..65 => random.between(600_000, DAY_MS),
            65..92 => random.between(DAY_MS, 12 * DAY_MS),
            _ => random.between(12 * DAY_MS, 50 * DAY_MS),
        };
        moments.push(at);
    }
    moments
}

fn weather(random: &mut Random) -> Weather {
    let calm = Weather { behind: 100, stall: 20, ..Weather::default() };
    let (slow, stall) = (random.pick(&[2, 2, 2, 2, 40, 150], 2), random.pick(&[0, 20, 60], 20));
    let usual = Weather { slow, stall, ..calm };
    match random.below(100) {
        0..15 => calm,
        15..70 => Weather { store: 15, queue: 15, rail: 200, crash: 2, twice: 40, behind: 200, ..usual },
        70..85 => Weather { store: 80, queue: 60, rail: 400, crash: 4, twice: 100, outage: 1, behind: 300, ..usual },
        85..93 => Weather { rail: 100, crash: 25, twice: 150, ..usual },
        _ => Weather { store: 5, outage: 5, crash: 5, ..usual },
    }
}

/// What a history is made with.
struct Maker {
    random: Random,
    /// Milliseconds of the epoch.
    moments: Vec<i64>,
    customers: usize,
    /// Whether the programme rewards by usage, from before the first signup.
    by_usage: bool,
    steps: Vec<Step>,
    /// At which moment each customer first signs up.
    joined: Vec<usize>,
    purchases: usize,
    refunds: usize,
    keys: u32,
}

impl Maker {
    /// A time at a moment: not quite the same for all that happens at it.
    fn at(&mut self, moment: usize) -> Time {
        let last = self.moments.last().copied().unwrap_or(START_MS);
        let millis = self.moments.get(moment).copied().unwrap_or(last);
        let spread = if self.random.chance(700) { 0 } else { self.random.between(0, 3_000) };
        time(millis + spread)
    }

    fn last(&self) -> usize {
        self.moments.len().saturating_sub(1)
    }

    /// A moment from `least` on.
    fn moment_from(&mut self, least: usize) -> usize {
        let left = self.moments.len().saturating_sub(least).max(1);
        (least + self.random.index(left)).min(self.last())
    }

    fn add(&mut self, moment: usize, act: Act) {
        let at = self.at(moment);
        self.steps.push(Step { at, act });
    }

    fn add_from(&mut self, least: usize, act: Act) {
        let moment = self.moment_from(least);
        self.add(moment, act);
    }

    /// The same, once or several times; mostly at the same moment.
    fn add_repeated(&mut self, moment: usize, act: &Act, again_per_mille: u64) {
        self.add(moment, act.clone());
        while self.random.chance(again_per_mille) {
            let when = if self.random.chance(600) { moment } else { self.moment_from(moment) };
            self.add(when, act.clone());
        }
    }

    /// A moment at which a customer does something: mostly from its signup on, else it would not be new.
    fn moment_of(&mut self, who: Person) -> usize {
        let joined = self.joined.get(who).copied().unwrap_or(0);
        if self.random.chance(800) { self.moment_from(joined) } else { self.moment_from(0) }
    }

    fn customer(&mut self) -> Person {
        self.random.index(self.customers)
    }

    /// Somebody of finance; now and then a customer who works there.
    fn officer(&mut self) -> Person {
        if self.random.chance(100) { self.customer() } else { CUSTOMERS_MAX + self.random.index(NAMES.len() - CUSTOMERS_MAX) }
    }

    fn people(&mut self) -> Vec<Traits> {
        let mut people = Vec::new();
        for person in 0..self.customers {
            let shared =
                |random: &mut Random, per_mille| if person > 0 && random.chance(per_mille) { random.index(person) } else { person };
            let mailbox = shared(&mut self.random, 60);
            let (device, network) = (shared(&mut self.random, 200), shared(&mut self.random, 60));
            let small = |place: usize| u8::try_from(place).unwrap_or(0);
            people.push(Traits { mailbox, device: small(device), network: small(network), finance: self.random.chance(150) });
        }
        people
    }

    fn settings(&mut self) {
        if self.random.chance(850) {
            let by = CUSTOMERS_MAX;
            self.add(0, Act::Programme { by, setting: Setting::Easy, ahead_minutes: 5 });
        }
        if self.random.chance(100) {
            let (by, months) = (CUSTOMERS_MAX, self.random.pick(&[1, 2], 1));
            self.add(0, Act::Programme { by, setting: Setting::Months(months), ahead_minutes: 6 });
        }
        if self.by_usage {
            let (by, ahead_minutes) = (CUSTOMERS_MAX, self.random.pick(&[7, 7, 600], 7));
            self.add(0, Act::Programme { by, setting: Setting::ByUsage, ahead_minutes });
        }
        while self.random.chance(350) {
            let setting = match self.random.below(9) {
                0 => Setting::Rate(self.random.pick(&[0, 1, 300, 333, 1_000, 10_000], 300)),
                1 => Setting::Hold(self.random.pick(&[0, 1, 7, 30], 14)),
                2 => Setting::Share(self.random.pick(&[0, 33, 75, 100], 75)),
                3 => Setting::Window(self.random.pick(&[1, 7, 365], 60)),
                4 => Setting::FirstClick,
                5 => Setting::Months(self.random.pick(&[1, 2], 12)),
                6 if self.by_usage => Setting::ByPurchase,
                6 | 7 => Setting::ByUsage,
                _ => Setting::DailyLimit(self.random.pick(&[20, 100], 100)),
            };
            let (by, ahead_minutes) = (self.officer(), self.random.pick(&[4, 5, 6, 60, 3_000], 5));
            let moment = self.moment_from(0);
            self.add_repeated(moment, &Act::Programme { by, setting, ahead_minutes }, 200);
        }
        while self.random.chance(300) {
            let (by, who) = (self.officer(), self.customer());
            let (rate, ahead_minutes) = (self.random.pick(&[100, 500, 777, 2_500], 500), self.random.pick(&[4, 5, 6, 600], 5));
            let moment = self.moment_from(1);
            self.add_repeated(moment, &Act::Rate { by, who, rate, ahead_minutes }, 250);
        }
    }

    fn signups(&mut self) {
        self.add_repeated(0, &Act::SignUp { who: 0 }, 200);
        for who in 1..self.customers {
            let early = self.moments.len().div_ceil(2);
            let mut visited = 1 + self.random.index(early);
            if self.random.chance(900) {
                // Mostly a chain of referrals, sometimes several of one referrer.
                while {
                    let link_of = if self.random.chance(550) { 0 } else { self.random.index(who) };
                    let (template, handled) = (self.random.chance(300), self.random.chance(400));
                    self.add(visited, Act::Visit { visitor: who, link_of, template, handled });
                    self.random.chance(250)
                } {
                    visited = (visited + self.random.index(2)).min(self.last());
                }
            }
            let moment = (visited + self.random.index(if visited > 1 { 2 } else { 3 })).min(self.last());
            if let Some(joined) = self.joined.get_mut(who) {
                *joined = moment;
            }
            self.add_repeated(moment, &Act::SignUp { who }, 300);
        }
    }

    fn usage_and_rent(&mut self) {
        let more = if self.by_usage { 4 } else { 0 };
        for usage in 0..more + self.random.index(4) {
            // By usage, mostly what referees spend earns something.
            let who = if self.by_usage && self.random.chance(850) { 1 + self.random.index(self.customers - 1) } else { self.customer() };
            let (moment, cents) = (self.moment_of(who), self.cents());
            let currency = if self.random.chance(50) { "EUR" } else { "USD" };
            let at = self.before(moment);
            self.tell(moment, &Telling::Spent { usage, who, cents, currency, at }, 300);
            if self.random.chance(50) {
                self.tell(moment, &Telling::Spent { usage, who, cents: cents + 1, currency, at }, 0);
            }
        }
        for earning in 0..self.random.index(4) {
            let who = self.customer();
            let moment = self.moment_of(who);
            let (cents, at) = (self.cents(), self.before(moment));
            self.tell(moment, &Telling::Rental { earning, who, cents, at }, 300);
        }
    }

    fn closings(&mut self) {
        if self.random.chance(120) {
            let (who, moment) = (self.customer(), self.moment_from(3));
            let at = self.before(moment);
            self.tell(moment, &Telling::Closed { who, at }, 300);
        }
    }

    fn reviews(&mut self) {
        let suspicious = self.random.chance(400);
        for _ in 0..(if suspicious { 3 } else { 1 }) {
            let (by, who) = (self.officer(), self.customer());
            let clear = self.random.chance(600);
            let moment = self.moment_from(3);
            self.add_repeated(moment, &Act::Review { by, who, clear }, 300);
        }
    }

    /// A whole second shortly before a moment, sometimes long before.
    fn before(&mut self, moment: usize) -> Time {
        let millis = self.at(moment).timestamp_millis();
        let back = if self.random.chance(930) { self.random.between(0, 60_000) } else { self.random.between(60_000, 30 * DAY_MS) };
        time((millis - back).div_euclid(1_000) * 1_000)
    }

    fn cents(&mut self) -> i64 {
        match self.random.below(10) {
            0 => 1,
            1 => 99,
            2 => 1_099,
            3 => 3_333,
            4..6 => self.random.between(1, 20_000),
            6 => 100_000,
            _ => self.random.between(20_000, 600_000),
        }
    }

    /// Told at a moment, and with this chance again, later or at once, by any way.
    fn tell(&mut self, moment: usize, telling: &Telling, again_per_mille: u64) {
        let mut moment = moment;
        loop {
            let way = match self.random.below(10) {
                0..2 if telling.stripe().is_some() => Way::Stripe,
                2..4 if telling.platform().is_some() => Way::Platform,
                _ => Way::Queue,
            };
            self.add(moment, Act::Tell { telling: telling.clone(), way });
            if !self.random.chance(again_per_mille) {
                return;
            }
            if self.random.chance(400) {
                moment = self.moment_from(moment);
            }
        }
    }
}
