//! What a document consists of, for those who do not see it: headings, paragraphs, tables, in reading order.

use krilla::tagging::{Identifier, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};
use std::{collections::BTreeMap, num::NonZeroU16};

/// A part of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// The title or a heading, with its level from 1.
    Heading { level: u16, text: String },
    /// A paragraph.
    Paragraph,
    /// A table whose first row heads the columns.
    Table,
    /// A table whose first column heads the rows.
    List,
}

/// Where a text belongs. The order is the reading order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) block: usize,
    pub(crate) row: usize,
    pub(crate) cell: usize,
}

impl Place {
    pub(crate) const fn at(self, row: usize, cell: usize) -> Self {
        Self { row, cell, ..self }
    }
}

/// What was drawn at each place.
pub(crate) type Drawn = BTreeMap<Place, Vec<Identifier>>;

/// Hangs everything that was drawn into the tree of its block.
pub(crate) fn tree(blocks: &[Block], drawn: Drawn, language: &str) -> TagTree {
    let mut by_block: BTreeMap<usize, Vec<(Place, Vec<Identifier>)>> = BTreeMap::new();
    for (place, identifiers) in drawn {
        by_block.entry(place.block).or_default().push((place, identifiers));
    }
    let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
    for (number, parts) in by_block {
        if let Some(block) = blocks.get(number) {
            tree.push(group(block, parts));
        }
    }
    tree
}

fn group(block: &Block, parts: Vec<(Place, Vec<Identifier>)>) -> TagGroup {
    match block {
        Block::Heading { level, text } => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            leaf(Tag::Hn(level, Some(text.clone())), parts.into_iter().flat_map(|(_, identifiers)| identifiers))
        }
        Block::Paragraph => leaf(Tag::P, parts.into_iter().flat_map(|(_, identifiers)| identifiers)),
        Block::Table => table(parts, |place| (place.row == 0).then_some(TableHeaderScope::Column)),
        Block::List => table(parts, |place| (place.cell == 0).then_some(TableHeaderScope::Row)),
    }
}

fn table(parts: Vec<(Place, Vec<Identifier>)>, heads: impl Fn(Place) -> Option<TableHeaderScope>) -> TagGroup {
    let mut rows: BTreeMap<usize, TagGroup> = BTreeMap::new();
    for (place, identifiers) in parts {
        let tag: TagKind = match heads(place) {
            Some(scope) => Tag::TH(scope).into(),
            None => Tag::TD.into(),
        };
        rows.entry(place.row).or_insert_with(|| TagGroup::new(Tag::TR)).push(leaf(tag, identifiers));
    }
    let mut table = TagGroup::new(Tag::Table);
    for row in rows.into_values() {
        table.push(row);
    }
    table
}

fn leaf(tag: impl Into<TagKind>, identifiers: impl IntoIterator<Item = Identifier>) -> TagGroup {
    let mut group = TagGroup::new(tag);
    for identifier in identifiers {
        group.push(identifier);
    }
    group
}
