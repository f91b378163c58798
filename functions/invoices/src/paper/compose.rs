//! Where everything stands on the pages.

use super::{
    Document, Fact, Item, Party, Total,
    length::Length,
    sheet::{Cell, Ink, LEFT, Line, RIGHT, Sheet, Side},
    structure::{Block, Place},
    typeface::{Run, Style, Typeface, UNREADABLE, Weight},
};

const fn regular(tenths: i64) -> Style {
    Style { weight: Weight::Regular, size: Length::tenths(tenths), tabular: false }
}

const fn semibold(tenths: i64) -> Style {
    Style { weight: Weight::Semibold, size: Length::tenths(tenths), tabular: false }
}

const TITLE: Style = semibold(240);
const NUMBER: Style = regular(120);
const AUTHOR: Style = semibold(110);
const BODY: Style = regular(90);
const STRONG: Style = semibold(90);
const NAME: Style = semibold(100);
const LABEL: Style = regular(75);
const NOTE: Style = regular(80);
const AMOUNT: Style = Style { tabular: true, ..BODY };
const SUM: Style = Style { tabular: true, ..semibold(120) };

const LEADING: Length = Length::tenths(135);
const NOTE_LEADING: Length = Length::pt(12);
const GAP: Length = Length::pt(26);
const HAIR: Length = Length::tenths(5);
const WIDTH: Length = Length::thousandths(483_276);

/// The three columns of the table: the second begins here, and the third ends at the right edge.
const TAX_X: Length = Length::pt(356);
const ITEM_WIDTH: Length = Length::pt(284);
const TAX_WIDTH: Length = Length::pt(92);
const AMOUNT_WIDTH: Length = Length::pt(86);
const TOTAL_WIDTH: Length = Length::pt(68);
const SUM_WIDTH: Length = Length::pt(112);
const CELL_PADDING: Length = Length::pt(8);
const HEAD_HEIGHT: Length = Length::pt(20);
/// The columns of facts and parties.
const COLUMN: Length = Length::pt(250);
const COLUMN_WIDTH: Length = Length::pt(226);

/// Sets the whole document.
pub(crate) fn compose<'a>(document: &Document, typeface: &'a Typeface) -> Sheet<'a> {
    let mut sheet = Sheet::new(typeface, format!("{} {}", document.title, document.number));
    head(&mut sheet, document);
    summary(&mut sheet, &document.summary);
    parties(&mut sheet, &document.parties);
    items(&mut sheet, &document.items, &document.amount_heading);
    totals(&mut sheet, &document.totals);
    details(&mut sheet, &document.details_heading, &document.details);
    notes(&mut sheet, &document.notes);
    sheet
}

fn left(x: Length, lines: Vec<Line>) -> Cell {
    Cell { x, side: Side::Left, lines }
}

fn right(lines: Vec<Line>) -> Cell {
    Cell { x: RIGHT, side: Side::Right, lines }
}

fn inked(runs: Vec<Run>, ink: Ink, place: Place) -> Vec<Line> {
    runs.into_iter().map(|run| Line { run, ink, place: Some(place) }).collect()
}

/// The title and the number; whose paper it is, on the right.
fn head(sheet: &mut Sheet<'_>, document: &Document) {
    let set = sheet.typeface;
    let title = sheet.block(Block::Heading { level: 1, text: document.title.clone() });
    let author = sheet.block(Block::Paragraph);
    let number = sheet.block(Block::Paragraph);
    sheet.bar(LEFT, Length::pt(28), Length::pt(3), Ink::Accent);
    sheet.skip(Length::pt(12));
    let top = sheet.y;
    sheet.row(vec![left(LEFT, inked(set.lines(&document.title, TITLE, COLUMN_WIDTH), Ink::Dark, title))], Length::pt(30));
    sheet.row(vec![left(LEFT, inked(set.lines(&document.number, NUMBER, COLUMN_WIDTH), Ink::Grey, number))], Length::pt(18));
    let below = sheet.y;
    // On the line of the title, but with a leading of its own.
    sheet.y = top + Length::pt(8);
    sheet.row(vec![right(inked(set.lines(&document.author, AUTHOR, COLUMN_WIDTH), Ink::Dark, author))], Length::pt(15));
    sheet.y = sheet.y.max(below) + Length::pt(20);
}

/// Labelled facts beside each other, over the whole width.
fn summary(sheet: &mut Sheet<'_>, facts: &[Fact]) {
    sheet.rule(HAIR, Ink::Pale);
    sheet.skip(Length::pt(10));
    for quartet in facts.chunks(4) {
        let cells = labelled(sheet, quartet, Grid { step: Length::pt(122), width: Length::pt(114), style: STRONG });
        sheet.row(cells, LEADING);
        sheet.skip(Length::pt(6));
    }
    sheet.skip(Length::pt(4));
    sheet.rule(HAIR, Ink::Pale);
    sheet.skip(Length::pt(18));
}

/// How labelled facts stand beside each other.
#[derive(Clone, Copy)]
struct Grid {
    step: Length,
    width: Length,
    style: Style,
}

/// A cell for each fact: the label, and what it labels below.
fn labelled(sheet: &mut Sheet<'_>, facts: &[Fact], grid: Grid) -> Vec<Cell> {
    let set = sheet.typeface;
    let mut x = LEFT;
    let mut cells = Vec::new();
    for fact in facts {
        let place = sheet.block(Block::Paragraph);
        let mut lines = inked(set.lines(&fact.label, LABEL, grid.width), Ink::Grey, place);
        lines.extend(inked(set.lines(&fact.value, grid.style, grid.width), Ink::Dark, place));
        cells.push(left(x, lines));
        x += grid.step;
    }
    cells
}

/// Who supplied, and to whom, side by side.
fn parties(sheet: &mut Sheet<'_>, parties: &[Party; 2]) {
    let set = sheet.typeface;
    let mut cells = Vec::new();
    let mut x = LEFT;
    for party in parties {
        let role = sheet.block(Block::Heading { level: 2, text: party.role.clone() });
        let place = sheet.block(Block::Paragraph);
        let mut lines = inked(set.lines(&party.role, LABEL, COLUMN_WIDTH), Ink::Grey, role);
        lines.extend(inked(set.lines(&party.name, NAME, COLUMN_WIDTH), Ink::Dark, place));
        lines.extend(party.lines.iter().flat_map(|line| inked(set.lines(line, BODY, COLUMN_WIDTH), Ink::Dark, place)));
        cells.push(left(x, lines));
        x += COLUMN;
    }
    sheet.row(cells, LEADING);
    sheet.skip(GAP);
}

/// The table. Its head is repeated on every page that it reaches.
fn items(sheet: &mut Sheet<'_>, items: &[Item], amount_heading: &str) {
    let table = sheet.block(Block::Table);
    let cells: Vec<[Cell; 3]> = items.iter().enumerate().map(|(row, item)| item_cells(sheet, item, table, row + 1)).collect();
    sheet.keep(HEAD_HEIGHT + cells.first().map(height).unwrap_or_default());
    table_head(sheet, amount_heading, Some(table));
    for cells in cells {
        if sheet.keep(height(&cells)) {
            table_head(sheet, amount_heading, None);
        }
        sheet.skip(CELL_PADDING);
        sheet.row(cells.into(), LEADING);
        sheet.skip(CELL_PADDING);
        sheet.rule(HAIR, Ink::Pale);
    }
}

fn item_cells(sheet: &Sheet<'_>, item: &Item, table: Place, row: usize) -> [Cell; 3] {
    let set = sheet.typeface;
    let place = |cell| table.at(row, cell);
    let mut description = inked(set.lines(&item.description, STRONG, ITEM_WIDTH), Ink::Dark, place(0));
    description.extend(inked(set.lines(&item.detail, NOTE, ITEM_WIDTH), Ink::Grey, place(0)));
    let tax = inked(set.lines(&item.tax, BODY, TAX_WIDTH), Ink::Dark, place(1));
    let amount = inked(set.lines(&item.amount, AMOUNT, AMOUNT_WIDTH), Ink::Dark, place(2));
    [left(LEFT, description), left(TAX_X, tax), right(amount)]
}

fn height(cells: &[Cell; 3]) -> Length {
    let lines = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or_default();
    LEADING * i64::try_from(lines).unwrap_or_default() + CELL_PADDING * 2
}

/// Without its place it is a repetition.
fn table_head(sheet: &mut Sheet<'_>, amount_heading: &str, table: Option<Place>) {
    let set = sheet.typeface;
    let cell = |number, x, side, text: &str| {
        let place = table.map(|table| table.at(0, number));
        Cell { x, side, lines: vec![Line { run: set.run(text, LABEL), ink: Ink::Grey, place }] }
    };
    let cells =
        vec![cell(0, LEFT, Side::Left, "Description"), cell(1, TAX_X, Side::Left, "Tax"), cell(2, RIGHT, Side::Right, amount_heading)];
    sheet.row(cells, Length::pt(16));
    sheet.skip(Length::pt(2));
    sheet.rule(Length::pt(1), Ink::Dark);
    sheet.skip(Length::pt(1));
}

/// What the items come to, kept together below the amounts.
fn totals(sheet: &mut Sheet<'_>, totals: &[Total]) {
    let table = sheet.block(Block::List);
    sheet.keep(Length::pt(16) * i64::try_from(totals.len()).unwrap_or_default() + Length::pt(24));
    sheet.skip(Length::pt(10));
    for (row, total) in totals.iter().enumerate() {
        let set = sheet.typeface;
        if total.strong {
            sheet.skip(Length::pt(5));
            sheet.bar(TAX_X, RIGHT - TAX_X, Length::pt(1), Ink::Dark);
            sheet.skip(Length::pt(6));
        }
        let (label, amount, ink) = if total.strong { (STRONG, SUM, Ink::Dark) } else { (BODY, AMOUNT, Ink::Grey) };
        let label = inked(set.lines(&total.label, label, TOTAL_WIDTH), ink, table.at(row, 0));
        let amount = inked(set.lines(&total.amount, amount, SUM_WIDTH), Ink::Dark, table.at(row, 1));
        sheet.row(vec![left(TAX_X, label), right(amount)], Length::pt(16));
    }
    sheet.skip(GAP);
}

/// Labelled facts in two columns.
fn details(sheet: &mut Sheet<'_>, heading: &str, facts: &[Fact]) {
    let set = sheet.typeface;
    let pairs = facts.chunks(2);
    sheet.keep(Length::pt(33) * i64::try_from(pairs.len()).unwrap_or_default() + Length::pt(20));
    let place = sheet.block(Block::Heading { level: 2, text: heading.to_owned() });
    sheet.row(vec![left(LEFT, inked(set.lines(heading, NAME, WIDTH), Ink::Dark, place))], Length::pt(18));
    sheet.skip(Length::pt(2));
    for pair in pairs {
        let cells = labelled(sheet, pair, Grid { step: COLUMN, width: COLUMN_WIDTH, style: BODY });
        sheet.row(cells, LEADING);
        sheet.skip(Length::pt(5));
    }
    sheet.skip(Length::pt(12));
}

/// Small print; and what a box stands for, where there is one.
fn notes(sheet: &mut Sheet<'_>, notes: &[String]) {
    let unreadable = format!("{UNREADABLE} stands for a character that this document's typeface has no sign for.");
    let told = sheet.lossy.then_some(&unreadable);
    for note in notes.iter().chain(told) {
        let place = sheet.block(Block::Paragraph);
        let lines = sheet.typeface.lines(note, NOTE, WIDTH);
        sheet.row(vec![left(LEFT, inked(lines, Ink::Grey, place))], NOTE_LEADING);
        sheet.skip(Length::pt(5));
    }
}
