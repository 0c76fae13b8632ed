//! The state of the current run: follows the events of the engine, and starts, pauses and saves runs.

use augment_core::plan;
use augment_web_messages::ProblemInfo;
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use serde_json::Value;

use super::estimate;
use crate::browser;
use crate::engine::{Engine, Progress, RunEvent, RunHandle, RunRequest, RunResult, ZipDestination};
use crate::settings::Settings;
use crate::studio_state::{Studio, Tab};
use crate::ui::count;

/// The phase of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No run is active.
    Idle,
    /// The run was started; no output is made yet.
    Preparing,
    /// Outputs are being made.
    Running,
    /// The run is paused.
    Paused,
    /// The user has cancelled the run; the zip is still open.
    Stopped,
    /// The zip is being finished.
    Closing,
    /// There is a result.
    Done,
}

/// The current run; taken from the context.
#[derive(Clone, Copy, Debug)]
pub struct Runs {
    studio: Studio,
    settings: Settings,
    engine: StoredValue<Engine>,
    /// The phase.
    pub phase: RwSignal<Phase>,
    /// The progress, updated at most once per frame.
    pub progress: RwSignal<Progress>,
    /// For recipes that mix: the number of images hashed so far, and of all.
    pub surveyed: RwSignal<Option<(usize, usize)>>,
    /// The files that failed so far.
    pub failures: RwSignal<Vec<ProblemInfo>>,
    /// Warnings so far: labels that the format cannot represent, then warnings about images.
    pub warnings: RwSignal<Vec<String>>,
    /// The result.
    pub result: RwSignal<Option<SendWrapper<RunResult>>>,
    /// Why there is no result, and what to do.
    pub error: RwSignal<Option<String>>,
    /// The last message for screen readers.
    pub announcement: RwSignal<String>,
    /// The name of the zip.
    pub name: RwSignal<String>,
    /// Whether the zip goes to a file that the user chooses; `None` lets the size of the zip decide.
    pub to_file: RwSignal<Option<bool>>,
    /// Outputs in the zip when the run was cancelled.
    pub stopped_at: RwSignal<usize>,
    /// The active or last run.
    current: StoredValue<Option<SendWrapper<CurrentRun>>>,
    /// Whether the run is discarded without a question.
    yields: StoredValue<bool>,
    handle: StoredValue<Option<RunHandle>>,
    /// Events since the last frame.
    pending: StoredValue<PendingEvents>,
}

/// The settings of a run.
#[derive(Clone, Debug)]
pub struct CurrentRun {
    /// The number of the run, from 1.
    pub number: u32,
    /// The whole recipe, with count and seed.
    pub recipe: Value,
    /// Copies of each image.
    pub count: u32,
    /// The format to write labels in; `None` for the dataset's own.
    pub labels: Option<String>,
    /// Where its zip goes.
    pub destination: ZipDestination,
    /// The name of the zip.
    pub name: String,
}

#[derive(Clone, Debug, Default)]
struct PendingEvents {
    progress: Option<Progress>,
    failures: Vec<ProblemInfo>,
    warnings: Vec<String>,
    /// Whether a frame is requested.
    awaited: bool,
    /// The last quarter of the progress that was announced.
    quarter: usize,
}

impl Runs {
    /// No run yet.
    #[must_use]
    pub fn new(studio: Studio, settings: Settings, engine: Engine) -> Self {
        Self {
            studio,
            settings,
            engine: StoredValue::new(engine),
            phase: RwSignal::new(Phase::Idle),
            progress: RwSignal::default(),
            surveyed: RwSignal::default(),
            failures: RwSignal::default(),
            warnings: RwSignal::default(),
            result: RwSignal::default(),
            error: RwSignal::default(),
            announcement: RwSignal::default(),
            name: RwSignal::new("augmented.zip".into()),
            to_file: RwSignal::new(None),
            stopped_at: RwSignal::new(0),
            current: StoredValue::new(None),
            yields: StoredValue::new(false),
            handle: StoredValue::new(None),
            pending: StoredValue::default(),
        }
    }

    /// Why no run can start, as a message; `None` if one can.
    #[must_use]
    pub fn blocker(&self) -> Option<String> {
        if self.studio.listing.with(Option::is_none) {
            return Some("Add images first.".into());
        }
        let problems = plan::check(&self.studio.whole());
        let first = problems.first()?;
        Some(match problems.len() {
            1 => format!("The recipe has a problem: {first}"),
            more => format!("The recipe has {more} problems, the first: {first}"),
        })
    }

    /// Whether the zip goes straight to a file that the user chooses.
    #[must_use]
    pub fn writes_to_file(&self) -> bool {
        can_choose_file() && self.to_file.get().unwrap_or_else(|| estimate::bytes(self.studio) > estimate::LARGE_BYTES)
    }

    /// Starts a run. Must be called inside a click or key press: the browser asks for a file only then.
    pub fn start(self) {
        if self.studio.running.get_untracked() || untrack(|| self.blocker()).is_some() {
            return;
        }
        let name = self.studio.input.with_untracked(|input| zip_name(input));
        self.name.set(name.clone());
        self.error.set(None);
        let to_file = untrack(|| self.writes_to_file());
        spawn_local(async move {
            let destination =
                if to_file { ZipDestination::choose(&name).await } else { Ok(Some(ZipDestination::without_asking())) };
            match destination {
                Ok(Some(destination)) => self.run_to(destination),
                Ok(None) => {}
                Err(refusal) => self.error.set(Some(refusal.message)),
            }
        });
    }

    fn run_to(self, destination: ZipDestination) {
        self.forget_result();
        let studio = self.studio;
        self.progress.set(Progress::default());
        self.surveyed.set(None);
        self.failures.set(Vec::new());
        self.warnings.set(Vec::new());
        self.pending.set_value(PendingEvents::default());
        self.phase.set(Phase::Preparing);
        studio.running.set(true);
        studio.tab.set(Tab::Run);
        let workers = self.settings.workers.get_untracked();
        self.yields.set_value(false);
        let request = untrack(|| RunRequest {
            recipe: studio.whole(),
            seed: studio.seed.get(),
            count: Some(studio.count.get()),
            labels: studio.labels.get(),
            workers: (workers > 0).then_some(workers as usize),
            destination,
            sheet: studio.sheet.get(),
            only: None,
        });
        let asked = CurrentRun {
            number: self.current.with_value(|before| before.as_ref().map_or(0, |before| before.number)) + 1,
            recipe: request.recipe.clone(),
            count: request.count.unwrap_or_default(),
            labels: request.labels.clone(),
            destination: request.destination.clone(),
            name: self.name.get_untracked(),
        };
        self.current.set_value(Some(SendWrapper::new(asked)));
        let handle = self.engine.get_value().run(request, move |event| self.on_event(event));
        self.handle.set_value(Some(handle));
    }

    fn on_event(self, event: RunEvent) {
        match event {
            RunEvent::Surveyed { done, total } => self.surveyed.set(Some((done, total))),
            RunEvent::Started { outputs, workers: _, warnings } => {
                self.phase.set(Phase::Running);
                self.warnings.set(warnings);
                self.announce(format!("The run has started: {} images", count(outputs as u64)));
            }
            RunEvent::Progress(progress) => self.note(|pending| pending.progress = Some(progress)),
            RunEvent::Failed(failure) => self.note(|pending| pending.failures.push(failure)),
            RunEvent::Warning(warning) => {
                self.note(|pending| pending.warnings.push(format!("{}: {}", warning.file, warning.message)));
            }
            RunEvent::Paused => {
                self.phase.set(Phase::Paused);
                self.announce("Paused");
            }
            RunEvent::Resumed => {
                self.phase.set(Phase::Running);
                self.announce("Resumed");
            }
            RunEvent::Cancelled { outputs } => {
                self.flush();
                self.stopped_at.set(outputs);
                self.phase.set(Phase::Stopped);
                self.announce(format!("Stopped, with {} images done", count(outputs as u64)));
                if outputs == 0 || self.yields.get_value() {
                    self.finish_stopped(false);
                }
            }
            RunEvent::Finished(result) => {
                self.flush();
                self.studio.unsaved.set(result.zip.is_some());
                let made = result.finished.summary["outputs"].as_u64().unwrap_or_default();
                let failed = self.failures.with_untracked(Vec::len);
                let but = if failed > 0 { format!(", {failed} files failed") } else { String::new() };
                self.announce(format!("The run is finished: {} images{but}", count(made)));
                self.result.set(Some(SendWrapper::new(result)));
                self.end(Phase::Done);
            }
            RunEvent::Refused(refusal) => {
                self.flush();
                let places = refusal.problems.iter().map(|problem| format!("{}: {}", problem.pointer, problem.message));
                let mut text = refusal.message.clone();
                for place in places {
                    text.push_str("; ");
                    text.push_str(&place);
                }
                self.error.set(Some(text));
                self.end(Phase::Idle);
            }
            RunEvent::Discarded => {
                self.announce(if self.yields.get_value() {
                    "The cloud has taken over the run"
                } else {
                    "The run was discarded"
                });
                self.end(Phase::Idle);
            }
        }
    }

    fn end(self, phase: Phase) {
        self.handle.set_value(None);
        self.studio.running.set(false);
        self.phase.set(phase);
    }

    fn announce(self, words: impl Into<String>) {
        self.announcement.set(words.into());
    }

    /// Collects events; the next frame shows them together.
    fn note(self, pending: impl FnOnce(&mut PendingEvents)) {
        let mut first = false;
        self.pending.update_value(|all| {
            pending(all);
            first = !std::mem::replace(&mut all.awaited, true);
        });
        if first {
            request_animation_frame(move || self.flush());
        }
    }

    fn flush(self) {
        let (mut progress, mut failures, mut warnings) = (None, Vec::new(), Vec::new());
        self.pending.update_value(|pending| {
            progress = pending.progress.take();
            failures = std::mem::take(&mut pending.failures);
            warnings = std::mem::take(&mut pending.warnings);
            pending.awaited = false;
        });
        if !failures.is_empty() {
            self.failures.update(|all| all.extend(failures));
        }
        if !warnings.is_empty() {
            self.warnings.update(|all| all.extend(warnings));
        }
        if let Some(progress) = progress {
            self.progress.set(progress);
            let quarter = progress.outputs_done * 4 / progress.outputs.max(1);
            if quarter > self.pending.with_value(|pending| pending.quarter) && quarter < 4 {
                self.pending.update_value(|pending| pending.quarter = quarter);
                self.announce(format!("{} percent done", quarter * 25));
            }
        }
    }

    /// Pauses or resumes the run.
    pub fn pause(self, pause: bool) {
        self.handle.with_value(|handle| match handle {
            Some(handle) if pause => handle.pause(),
            Some(handle) => handle.resume(),
            None => {}
        });
    }

    /// Stops the workers at once.
    pub fn cancel(self) {
        self.handle.with_value(|handle| handle.as_ref().map(RunHandle::cancel));
    }

    /// The active or last run.
    #[must_use]
    pub fn current(self) -> Option<CurrentRun> {
        self.current.with_value(|asked| asked.as_ref().map(|asked| (**asked).clone()))
    }

    /// Whether the run with this number is active.
    #[must_use]
    pub fn is_on(self, number: u32) -> bool {
        let same = self.current.with_value(|asked| asked.as_ref().is_some_and(|asked| asked.number == number));
        same && self.studio.running.get_untracked()
    }

    /// Discards the run with this number if it is still active: the cloud makes the same zip.
    pub fn yield_to_cloud(self, number: u32) {
        if self.is_on(number) {
            self.yields.set_value(true);
            if self.phase.get_untracked() == Phase::Stopped {
                self.finish_stopped(false);
            } else {
                self.cancel();
            }
        }
    }

    /// After a cancel: keeps what is done, or discards it.
    pub fn finish_stopped(self, keep: bool) {
        self.phase.set(Phase::Closing);
        self.handle.with_value(|handle| match handle {
            Some(handle) if keep => handle.keep(),
            Some(handle) => handle.discard(),
            None => {}
        });
    }

    /// Saves the zip as a download.
    pub fn save(self) {
        let zip = self.result.with_untracked(|result| result.as_ref().and_then(|result| result.zip.clone()));
        if let Some(zip) = zip {
            match browser::download(&zip, &self.name.get_untracked()) {
                Ok(()) => self.studio.unsaved.set(false),
                Err(_) => self.error.set(Some("The browser did not save the file; try again.".into())),
            }
        }
    }

    /// Removes the result and returns to the setup of the next run.
    pub fn reset(self) {
        self.forget_result();
        self.error.set(None);
        self.phase.set(Phase::Idle);
    }

    fn forget_result(self) {
        if let Some(result) = self.result.get_untracked() {
            self.engine.get_value().forget(&result);
            self.result.set(None);
        }
        self.studio.unsaved.set(false);
    }
}

/// Whether the browser can ask the user for a file to write to.
#[must_use]
pub(super) fn can_choose_file() -> bool {
    browser::property(&window(), "showSaveFilePicker").is_some()
}

/// The name of the zip, after the input.
fn zip_name(input: &[String]) -> String {
    let stem = match input {
        [one] => one.rsplit_once('.').map_or(one.as_str(), |(stem, ending)| if ending.len() <= 4 { stem } else { one }),
        _ => "images",
    };
    format!("{stem}-augmented.zip")
}

#[cfg(test)]
mod tests {
    use super::zip_name;

    #[test]
    fn a_zip_is_named_after_a_single_input() {
        assert_eq!(zip_name(&["bccd-voc".into()]), "bccd-voc-augmented.zip");
        assert_eq!(zip_name(&["set.zip".into()]), "set-augmented.zip");
        assert_eq!(zip_name(&["v1.final-set".into()]), "v1.final-set-augmented.zip");
        assert_eq!(zip_name(&["a.jpg".into(), "b.jpg".into()]), "images-augmented.zip");
    }
}
