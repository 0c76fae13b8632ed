//! Datasets whose keypoints have no known mirror twins: a flip would call a left hand right.

use crate::formats::Dataset;
use crate::labels::Class;

/// What a person should know where flips are left out.
pub(crate) const WARNING: &str = "keypoints have no flip_idx and no left/right names: flips are not drawn; state flip_idx, \
                                  or set labels.flip_unpaired to true in the recipe";

impl Dataset {
    /// Whether objects have several keypoints of which nothing says which becomes which in a mirror: a run draws no
    /// flips then, unless its recipe has `labels.flip_unpaired`.
    #[must_use]
    pub fn is_unpaired(&self) -> bool {
        let classes = &self.classes.0;
        let unknown = |class: &Class| class.mirror.is_empty();
        // Where no class names its keypoints, any may have them.
        let mut named = classes.iter().filter(|class| !class.keypoints.is_empty()).peekable();
        let some_unknown = match named.peek() {
            Some(_) => named.any(|class| class.keypoints.len() > 1 && unknown(class)),
            None => classes.iter().any(unknown),
        };
        self.holds.keypoints > 1 && some_unknown
    }
}
