//! Standard output for results, standard error for what a person should know, and progress on a terminal.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where commands write.
#[derive(Clone, Debug)]
pub(crate) struct Console {
    progress: ProgressBar,
}

impl Console {
    pub(crate) fn new() -> Self {
        Self { progress: ProgressBar::hidden() }
    }

    /// Prints a line of results.
    ///
    /// # Errors
    /// When the reader is gone: see [`is_closed_pipe`].
    pub(crate) fn result(&self, line: impl fmt::Display) -> anyhow::Result<()> {
        self.progress.suspend(|| writeln!(io::stdout().lock(), "{line}")).map_err(Into::into)
    }

    /// Prints a line on standard error, above the progress.
    pub(crate) fn error(&self, line: impl fmt::Display) {
        // In one piece: standard error has no buffer.
        let line = format!("{}\n", Plain(&line.to_string()));
        // Where it is closed, there is no place left to report to.
        let _ = self.progress.suspend(|| io::stderr().write_all(line.as_bytes()));
    }

    /// Shows progress over a number of outputs from now on, where standard error is a terminal.
    pub(crate) fn begin(&self, total: u64) {
        if !io::stderr().is_terminal() {
            return;
        }
        self.progress.set_draw_target(ProgressDrawTarget::stderr());
        self.progress.set_length(total);
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {per_sec}, {eta} left {msg}");
        if let Ok(style) = style {
            self.progress.set_style(style);
        }
        self.progress.enable_steady_tick(Duration::from_millis(200));
    }

    /// One more output done.
    pub(crate) fn advance(&self, by: u64) {
        self.progress.inc(by);
    }

    /// Takes the progress off the terminal.
    pub(crate) fn end(&self) {
        self.progress.finish_and_clear();
        self.progress.set_draw_target(ProgressDrawTarget::hidden());
    }
}

/// Text without characters that a terminal would obey: names of files come from outside.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| {
            let shown = if c.is_control() && c != '\n' && c != '\t' { char::REPLACEMENT_CHARACTER } else { c };
            fmt::Write::write_char(f, shown)
        })
    }
}

/// Whether an error only says that the reader of the output is gone (`delta catalog | head`).
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
