//! Parts that pages are made of.

use crate::{context::Context, form};
use maud::{Markup, html};

/// What a notice or a badge says by its colour, beside its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Warn,
    Bad,
    /// On its way.
    Busy,
}

impl Tone {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Busy => "busy",
        }
    }
}

/// The page's heading, with a sentence under it.
pub(crate) fn heading(title: &str, lead: Option<&str>) -> Markup {
    head(title, lead, html! {})
}

/// A heading with something at its side: a button, a choice.
pub(crate) fn head(title: &str, lead: Option<&str>, side: Markup) -> Markup {
    html! {
        div.head {
            div { h1 { (title) } @if let Some(lead) = lead { p { (lead) } } }
            (side)
        }
    }
}

/// A framed part of a page. `side` stands beside its heading: a link to more, a choice.
pub(crate) fn card(title: &str, side: Markup, body: Markup) -> Markup {
    card_in("", title, side, body)
}

/// As [`card`], in a place of its page's grid, which the style names by a class.
pub(crate) fn card_in(class: &str, title: &str, side: Markup, body: Markup) -> Markup {
    html! {
        section.card.(class) {
            div.card-head { h2 { (title) } (side) }
            (body)
        }
    }
}

/// A link to all of what a card shows a part of.
pub(crate) fn more(path: &str, words: &str) -> Markup {
    html! { a.more href=(path) { (words) } }
}

/// A sentence that should be seen first.
pub(crate) fn notice(tone: Tone, body: Markup) -> Markup {
    let role = if tone == Tone::Bad { "alert" } else { "status" };
    html! { div.notice.(tone.class()) role=(role) { (body) } }
}

/// A word for a state.
pub(crate) fn badge(tone: Tone, words: &str) -> Markup {
    html! { span.badge.(tone.class()) { (words) } }
}

/// Nothing yet: what it will be, and what to do.
pub(crate) fn empty(title: &str, why: &str, action: Markup) -> Markup {
    html! { div.empty { h3 { (title) } p { (why) } (action) } }
}

/// A form that is sent to `action`, with its proof. Every form that changes something is made by this.
pub(crate) fn form(cx: &Context<'_>, action: &str, body: Markup) -> Markup {
    form_in(cx, action, "stack", body)
}

/// As [`form`], laid out by that class.
pub(crate) fn form_in(cx: &Context<'_>, action: &str, class: &str, body: Markup) -> Markup {
    let proof = cx.session().map(|session| form::proof(session, action));
    html! {
        form method="post" action=(action) class=(class) {
            @if let Some(proof) = proof { input type="hidden" name=(form::PROOF) value=(proof); }
            (body)
        }
    }
}

/// A field of a form.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Field<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) label: &'a str,
    pub(crate) value: &'a str,
    /// `text` where it is empty.
    pub(crate) kind: &'a str,
    pub(crate) hint: Option<&'a str>,
    /// Why what was sent does not do.
    pub(crate) wrong: Option<&'a str>,
    pub(crate) required: bool,
    pub(crate) limit: Option<u32>,
    pub(crate) autocomplete: Option<&'a str>,
}

/// A labelled input, with its hint and what was wrong.
pub(crate) fn field(field: &Field<'_>) -> Markup {
    let kind = if field.kind.is_empty() { "text" } else { field.kind };
    let told = [(field.hint.is_some(), "hint"), (field.wrong.is_some(), "wrong")];
    let ids: Vec<String> = told.iter().filter(|(is, _)| *is).map(|(_, what)| format!("{}-{what}", field.id)).collect();
    html! {
        div.field {
            label for=(field.id) { (field.label) }
            input id=(field.id) name=(field.name) type=(kind) value=(field.value) required[field.required] maxlength=[field.limit]
                autocomplete=[field.autocomplete.or(Some("off"))] aria-invalid=[field.wrong.map(|_| "true")]
                aria-describedby=[(!ids.is_empty()).then(|| ids.join(" "))] inputmode=[(field.name == "amount").then_some("decimal")];
            @if let Some(hint) = field.hint { p.hint id=(format!("{}-hint", field.id)) { (hint) } }
            @if let Some(wrong) = field.wrong { p.wrong role="alert" id=(format!("{}-wrong", field.id)) { (wrong) } }
        }
    }
}

/// A text to take away: in a field, so that it can be selected without script, with a button where there is one.
pub(crate) fn copyable(id: &str, label: &str, text: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            div.link {
                input id=(id) value=(text) readonly autocomplete="off";
                button.button type="button" data-copy=(text) data-field=(id) hidden { "Copy" }
            }
        }
    }
}

/// Names and values, one below the other.
pub(crate) fn pairs(pairs: &[(&str, Markup)]) -> Markup {
    html! { dl.pairs { @for (name, value) in pairs { div { dt { (name) } dd.wrap { (value) } } } } }
}

/// A choice of pages, one of which is this.
pub(crate) fn choice(label: &str, options: &[Choice<'_>]) -> Markup {
    html! {
        div.seg role="group" aria-label=(label) {
            @for option in options {
                @if let Some(path) = &option.path { a href=(path) aria-current=[option.here.then_some("true")] { (option.name) } }
                @else { span role="link" aria-disabled="true" title=[option.why] { (option.name) } }
            }
        }
    }
}

/// One of a [`choice`].
#[derive(Debug)]
pub(crate) struct Choice<'a> {
    pub(crate) name: &'a str,
    /// Where it leads; nowhere, where it can't be chosen.
    pub(crate) path: Option<String>,
    pub(crate) here: bool,
    /// Why it can't be chosen.
    pub(crate) why: Option<&'a str>,
}

/// The way to the next page of a list.
pub(crate) fn next_page(path: Option<String>) -> Markup {
    html! { @if let Some(path) = path { p.actions { a.button href=(path) rel="next" { "Show older" } } } }
}

/// The sentence of a page that was reached after something was done: `known` by the word in the address, since whoever
/// makes a link could else put any words there.
pub(crate) fn done(cx: &Context<'_>, known: &[(&str, &'static str)]) -> Option<&'static str> {
    let word = cx.query("done");
    known.iter().find(|(name, _)| *name == word).map(|(_, sentence)| *sentence)
}
