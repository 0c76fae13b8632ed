//! The classes of a dataset, and what a class says of its joints.

/// The classes of a dataset, in the order of their indices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classes(pub Vec<Class>);

/// One class of objects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Its number in the source (COCO's `category_id`), where that is not its index.
    pub id: Option<u64>,
    /// The names of its keypoints, in order; empty when they have none.
    pub keypoints: Vec<String>,
    /// Bones: pairs of keypoint indices (0-based).
    pub skeleton: Vec<(usize, usize)>,
    /// For every keypoint the one it becomes in a mirror; empty when nothing is known.
    pub mirror: Vec<usize>,
    /// Other fields of the class in its source, carried through.
    pub extra: serde_json::Map<String, serde_json::Value>,
}

impl Classes {
    /// The index of a class by its name.
    #[must_use]
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|class| class.name == name)
    }
}

impl Class {
    /// A class that has only a name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// For every keypoint name the index of its mirror twin, by the words `left` and `right` in the names.
/// A name without a twin maps to itself; empty when no name has one.
#[must_use]
pub fn mirror_by_name(names: &[String]) -> Vec<usize> {
    let lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let twin = |name: &str| {
        [("left", "right"), ("right", "left"), ("l_", "r_"), ("r_", "l_"), ("_l", "_r"), ("_r", "_l")]
            .iter()
            .filter(|(from, _)| match *from {
                prefix if prefix.ends_with('_') => name.starts_with(prefix),
                suffix if suffix.starts_with('_') => name.ends_with(suffix),
                word => name.contains(word),
            })
            .find_map(|(from, to)| lower.iter().position(|other| *other == name.replace(from, to)))
    };
    let mirror: Vec<usize> = lower.iter().enumerate().map(|(i, name)| twin(name).unwrap_or(i)).collect();
    if mirror.iter().enumerate().all(|(i, twin)| i == *twin) { Vec::new() } else { mirror }
}
