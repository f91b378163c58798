//! Who there is: the three who share links, what they share, and those who come by it.

/// Somebody who shares links.
#[derive(Debug)]
pub(super) struct Sharer {
    pub(super) name: &'static str,
    /// From which week on the link is out.
    pub(super) from_week: u64,
    /// Visits of a slot in its first week, in thousandths, and how many more with each week.
    pub(super) visits: (u64, u64),
    pub(super) templates: &'static [Template],
}

/// A template that somebody shares.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) name: &'static str,
    pub(super) from_week: u64,
    /// How many of a hundred visits come by it.
    pub(super) share: u64,
}

/// In the order in which they signed up: Bob came by Alice's link.
pub(super) const SHARERS: [Sharer; 3] = [
    Sharer {
        name: "alice",
        from_week: 0,
        visits: (1_500, 45),
        templates: &[
            Template { name: "Stable Diffusion XL", from_week: 2, share: 34 },
            Template { name: "Llama fine-tuning", from_week: 26, share: 24 },
            Template { name: "Whisper batch transcription", from_week: 52, share: 11 },
            Template { name: "ComfyUI workbench", from_week: 78, share: 9 },
        ],
    },
    Sharer {
        name: "bob",
        from_week: 22,
        visits: (500, 12),
        templates: &[Template { name: "Blender render farm", from_week: 30, share: 55 }],
    },
    Sharer {
        name: "hana",
        from_week: 34,
        visits: (400, 12),
        templates: &[
            Template { name: "JAX on eight GPUs", from_week: 36, share: 40 },
            Template { name: "vLLM server", from_week: 60, share: 30 },
        ],
    },
];

/// Names of those who come by a link; with a number where they are used up.
const REFEREES: [&str; 40] = [
    "maya", "liam", "zoe", "noah", "aria", "ethan", "ines", "lucas", "nora", "owen", "priya", "quinn", "rosa", "samir", "tess", "uma",
    "viktor", "wanda", "xavi", "yuki", "amir", "bella", "chen", "dara", "emil", "freya", "goran", "hugo", "iris", "jonas", "kira", "lena",
    "milan", "nadia", "oscar", "petra", "ravi", "sofia", "theo", "vera",
];

/// The n-th referee's name.
pub(super) fn referee(number: usize) -> String {
    let name = REFEREES.get(number % REFEREES.len()).copied().unwrap_or("maya");
    match number / REFEREES.len() {
        0 => name.to_owned(),
        round => format!("{name}{}", round + 1),
    }
}
