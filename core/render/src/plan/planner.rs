//! Draws a plan: every step's fate and numbers for one copy of one image.

use serde_json::Value;

use super::recipe::{Group, Recipe, Step, StepBody, step_json};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Rect, Size};
use crate::labels::{Classes, LabelPolicy, ObjectState, carry_all};
use crate::limits::Limits;
use crate::sampling::{Facts, Random};
use crate::transforms::{self, Action, Geometric, Mixing, Neighborhood, Occlusion, Pixel};

/// What happens to one copy of one image: numbers only. In JSON a list of `{"op": …, numbers}`.
#[derive(Debug, Default)]
pub struct Plan {
    /// The steps that run, in order.
    pub steps: Vec<PlannedStep>,
}

/// One step that runs.
#[derive(Debug)]
pub struct PlannedStep {
    /// The transform's name.
    pub op: &'static str,
    /// Its drawn numbers.
    pub action: Action,
}

/// Neighboring steps that run as one.
#[derive(Debug)]
pub enum Stage<'a> {
    /// One map, one sampling.
    Geometric(Vec<&'a dyn Geometric>),
    /// One pass.
    Pixel(Vec<&'a dyn Pixel>),
    /// One step.
    Neighborhood(&'a dyn Neighborhood),
    /// One step.
    Occlusion(&'a dyn Occlusion),
    /// One step.
    Mixing(&'a dyn Mixing),
}

impl Plan {
    /// The steps in runs that fuse.
    #[must_use]
    pub fn stages(&self) -> Vec<Stage<'_>> {
        let mut stages: Vec<Stage<'_>> = Vec::new();
        for step in &self.steps {
            match (&step.action, stages.last_mut()) {
                (Action::Geometric(next), Some(Stage::Geometric(run))) => run.push(&**next),
                (Action::Pixel(next), Some(Stage::Pixel(run))) => run.push(&**next),
                (Action::Geometric(step), _) => stages.push(Stage::Geometric(vec![&**step])),
                (Action::Pixel(step), _) => stages.push(Stage::Pixel(vec![&**step])),
                (Action::Neighborhood(step), _) => stages.push(Stage::Neighborhood(&**step)),
                (Action::Occlusion(step), _) => stages.push(Stage::Occlusion(&**step)),
                (Action::Mixing(step), _) => stages.push(Stage::Mixing(&**step)),
            }
        }
        stages
    }

    /// The plan as a manifest has it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.steps.iter().map(|step| step_json(step.op, step.action.to_json())).collect()
    }

    /// Reads a plan back from a manifest.
    ///
    /// # Errors
    /// `Replay` when a step is unknown or its numbers do not fit.
    pub fn from_json(steps: &Value) -> Result<Self> {
        let wrong = |message: &str| Error::new(ErrorKind::Replay, message.to_owned());
        let steps = steps.as_array().ok_or_else(|| wrong("'steps' is not a list"))?;
        let restore = |step: &Value| {
            let mut numbers = step.as_object().cloned().ok_or_else(|| wrong("a step is not an object"))?;
            let op = numbers.remove("op").and_then(|op| op.as_str().map(str::to_owned)).unwrap_or_default();
            let entry = transforms::find(&op).ok_or_else(|| wrong(&format!("this engine has no transform '{op}'")))?;
            Ok(PlannedStep { op: entry.descriptor.op, action: entry.restore(Value::Object(numbers))? })
        };
        Ok(Self { steps: steps.iter().map(restore).collect::<Result<_>>()? })
    }

    /// Content hashes of the other images that it needs.
    pub fn partners(&self) -> impl Iterator<Item = Digest> + '_ {
        self.steps.iter().flat_map(|step| match &step.action {
            Action::Mixing(step) => step.partners().to_vec(),
            _ => Vec::new(),
        })
    }
}

/// What a plan is drawn for.
#[derive(Clone, Copy, Debug)]
pub struct DrawContext<'a> {
    /// Content hash of the image.
    pub source: Digest,
    /// Its size, upright.
    pub size: Size,
    /// Its objects.
    pub objects: &'a [ObjectState],
    /// The classes of the dataset.
    pub classes: &'a Classes,
    /// Content hashes of all images of the dataset, sorted; may be empty unless the recipe mixes.
    pub partners: &'a [Digest],
}

/// The plan of one copy of an image.
///
/// # Errors
/// `Recipe` when a step does not fit the image, with the step's place.
pub fn draw_plan(recipe: &Recipe, seed: u64, copy: u32, subject: &DrawContext<'_>) -> Result<Plan> {
    let needs_labels = recipe.steps.iter().any(wants_labels);
    let mut planner = Planner {
        seed,
        copy,
        subject,
        policy: recipe.labels,
        draws_mirrors: recipe.draws_mirrors,
        size: subject.size,
        objects: if needs_labels { subject.objects.to_vec() } else { Vec::new() },
        labeled: !subject.objects.is_empty(),
        plan: Plan::default(),
    };
    for step in &recipe.steps {
        planner.step(step)?;
    }
    Ok(planner.plan)
}

fn wants_labels(step: &Step) -> bool {
    match &step.body {
        StepBody::Transform { needs_labels, .. } => *needs_labels,
        StepBody::Group(_, steps) => steps.iter().any(wants_labels),
    }
}

struct Planner<'a> {
    seed: u64,
    copy: u32,
    subject: &'a DrawContext<'a>,
    policy: LabelPolicy,
    draws_mirrors: bool,
    /// Size after the steps so far.
    size: Size,
    /// Objects after the steps so far; empty when no step asks for them.
    objects: Vec<ObjectState>,
    /// Whether the image shows objects that have labels.
    labeled: bool,
    plan: Plan,
}

impl Planner<'_> {
    fn step(&mut self, step: &Step) -> Result<()> {
        let mut random = Random::for_step(self.seed, self.subject.source, self.copy, &step.identity);
        if !random.chance(step.probability) {
            return Ok(());
        }
        match &step.body {
            StepBody::Transform { configured, .. } => {
                let boxes: Vec<Rect> = self.objects.iter().filter_map(ObjectState::bound).collect();
                let facts = Facts {
                    size: self.size,
                    boxes: &boxes,
                    labeled: self.labeled,
                    partners: self.subject.partners,
                    source: self.subject.source,
                };
                let action = configured.draw(&facts, &mut random).map_err(|error| error.within(step.identity.op))?;
                if !self.draws_mirrors && action.mirrors(self.size) {
                    return Ok(());
                }
                self.follow(&action).map_err(|error| error.within(step.identity.op))?;
                self.plan.steps.push(PlannedStep { op: step.identity.op, action });
            }
            StepBody::Group(group, steps) => {
                for index in chosen(group, steps.len(), &mut random) {
                    self.step(&steps[index])?;
                }
            }
        }
        Ok(())
    }

    /// Keeps size and boxes up to date for the steps to come.
    fn follow(&mut self, action: &Action) -> Result<()> {
        match action {
            Action::Geometric(drawn) => {
                let warp = drawn.warp(self.size)?;
                carry_all(
                    &mut self.objects,
                    (self.size, &warp),
                    self.subject.classes,
                    &self.policy,
                    &Limits::default(),
                )?;
                self.size = warp.output;
            }
            Action::Mixing(drawn) => {
                // A partner's size is not known here: layouts take their canvas from the first image alone.
                let sizes = vec![self.size; drawn.partners().len() + 1];
                let layout = drawn.layout(&sizes)?;
                for object in &mut self.objects {
                    for tile in layout.tiles.iter().filter(|tile| tile.input == 0).take(1) {
                        object.carry_into(&tile.warp, tile.part, self.subject.classes, self.policy.box_mode);
                    }
                }
                self.size = layout.canvas;
                // What a partner shows is not known here either: where there are classes, it may be objects.
                self.labeled |= !self.subject.classes.0.is_empty();
            }
            Action::Pixel(_) | Action::Neighborhood(_) | Action::Occlusion(_) => {}
        }
        Ok(())
    }
}

/// Which of a group's steps run, in the recipe's order.
fn chosen(group: &Group, steps: usize, random: &mut Random) -> Vec<usize> {
    match group {
        Group::Sequence => (0..steps).collect(),
        Group::OneOf(weights) => {
            let mut left = random.unit() * weights.iter().sum::<f64>();
            let pick = weights.iter().position(|weight| {
                left -= weight;
                left < 0.0
            });
            // Rounding may leave a crumb: then it is the last that can be chosen.
            let last = weights.iter().rposition(|weight| *weight > 0.0);
            pick.or(last).into_iter().collect()
        }
        Group::SomeOf(count) => {
            let count = (count.draw(random).max(0) as usize).min(steps);
            let mut picked = random.permutation(steps);
            picked.truncate(count);
            picked.sort_unstable();
            picked
        }
    }
}
