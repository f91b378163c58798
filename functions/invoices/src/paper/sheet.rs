//! Pages that fill from the top: rows of cells, and the next page where one is full.

use super::{
    length::Length,
    structure::{Block, Place},
    typeface::{Run, Style, Typeface, Weight},
};
use std::ops::Range;

/// A4.
pub(crate) const PAGE: (Length, Length) = (Length::thousandths(595_276), Length::thousandths(841_890));
/// The left edge of everything.
pub(crate) const LEFT: Length = Length::pt(56);
/// The right edge of everything.
pub(crate) const RIGHT: Length = Length::thousandths(539_276);
/// Where the first line of a page begins.
const TOP: Length = Length::pt(60);
/// Where the last line of a page ends at the latest.
const FLOOR: Length = Length::pt(760);
/// Where the foot of a page is ruled off.
pub(crate) const FOOT: Length = Length::pt(782);

/// What is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Words and figures.
    Dark,
    /// Labels and small print.
    Grey,
    /// Hairlines.
    Pale,
    /// The one colour.
    Accent,
}

/// Something on a page.
#[derive(Debug, Clone)]
pub(crate) enum Mark {
    /// A line of text; `y` is its baseline. Without a place it repeats what stands elsewhere.
    Text { x: Length, y: Length, run: Run, ink: Ink, place: Option<Place> },
    /// A horizontal bar; `y` is its upper edge.
    Bar { x: Length, y: Length, width: Length, height: Length, ink: Ink },
}

/// Which edge a cell's lines keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// A line of a cell. Without a place it repeats what stands elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) run: Run,
    pub(crate) ink: Ink,
    pub(crate) place: Option<Place>,
}

/// Lines below each other, beside other cells.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) x: Length,
    pub(crate) side: Side,
    pub(crate) lines: Vec<Line>,
}

/// The pages so far.
pub(crate) struct Sheet<'a> {
    pub(crate) typeface: &'a Typeface,
    pub(crate) pages: Vec<Vec<Mark>>,
    pub(crate) blocks: Vec<Block>,
    /// Where the next row begins.
    pub(crate) y: Length,
    /// Whether some character could not be shown.
    pub(crate) lossy: bool,
    /// What the later pages are headed with.
    running_head: String,
}

/// The type of running heads and feet.
pub(crate) const SMALL: Style = Style { weight: Weight::Regular, size: Length::tenths(75), tabular: false };

impl<'a> Sheet<'a> {
    pub(crate) fn new(typeface: &'a Typeface, running_head: String) -> Self {
        Self { typeface, pages: vec![Vec::new()], blocks: Vec::new(), y: TOP, lossy: false, running_head }
    }

    /// Begins a block of the document's structure.
    pub(crate) fn block(&mut self, block: Block) -> Place {
        self.blocks.push(block);
        Place { block: self.blocks.len() - 1, row: 0, cell: 0 }
    }

    /// Whether a height still fits on this page.
    pub(crate) fn fits(&self, height: Length) -> bool {
        self.y + height <= FLOOR
    }

    /// Turns the page where a height does not fit on this one, but would on the next.
    pub(crate) fn keep(&mut self, height: Length) -> bool {
        let turn = !self.fits(height) && height <= FLOOR - TOP;
        if turn {
            self.turn();
        }
        turn
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
        let run = self.typeface.cut(&self.running_head, SMALL, RIGHT - LEFT);
        self.put(Mark::Text { x: LEFT, y: Length::pt(44), run, ink: Ink::Grey, place: None });
    }

    pub(crate) fn skip(&mut self, height: Length) {
        self.y += height;
    }

    /// A hairline, or something bolder, over the width of the page.
    pub(crate) fn rule(&mut self, height: Length, ink: Ink) {
        self.bar(LEFT, RIGHT - LEFT, height, ink);
    }

    pub(crate) fn bar(&mut self, x: Length, width: Length, height: Length, ink: Ink) {
        self.put(Mark::Bar { x, y: self.y, width, height, ink });
    }

    /// Cells beside each other. Where they are higher than the page they go on over the next one. Each cell is put down as
    /// a whole: who reads a file in the order in which it was written reads column after column.
    pub(crate) fn row(&mut self, cells: Vec<Cell>, leading: Length) {
        let count = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or_default();
        let mut done = 0;
        while done < count {
            if !self.fits(leading) {
                self.turn();
            }
            let top = self.y;
            let mut until = done;
            while until < count && self.fits(leading) {
                self.y += leading;
                until += 1;
            }
            for cell in &cells {
                self.lines(cell, done..until, top, leading);
            }
            done = until;
        }
    }

    fn lines(&mut self, cell: &Cell, which: Range<usize>, top: Length, leading: Length) {
        let mut y = top;
        for Line { run, ink, place } in cell.lines.iter().skip(which.start).take(which.len()) {
            let x = if cell.side == Side::Left { cell.x } else { cell.x - run.width };
            // Capitals and digits stand in the middle of their line.
            let baseline = y + leading.half() + run.style.size.of_units(364, 1000);
            self.lossy |= run.lossy;
            self.put(Mark::Text { x, y: baseline, run: run.clone(), ink: *ink, place: *place });
            y += leading;
        }
    }

    fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }
}
