//! Toasts: short messages that disappear; screen readers announce them.

use leptos::prelude::*;

use super::{Button, ButtonKind, Glyph, Icon, Tone};

/// How long a toast stays, in milliseconds; one with an action stays until it is dismissed.
const STAYS_MS: u64 = 6000;

/// Shows toasts; taken from the context.
#[derive(Clone, Copy, Debug)]
pub struct Toaster {
    next: StoredValue<u32>,
    shown: RwSignal<Vec<Toast>>,
}

#[derive(Clone, Debug)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
    offer: Option<(&'static str, Callback<()>)>,
}

impl Toaster {
    /// A toaster without messages.
    #[must_use]
    pub fn new() -> Self {
        Self { next: StoredValue::new(0), shown: RwSignal::new(Vec::new()) }
    }

    /// Shows a toast for some seconds.
    pub fn say(&self, tone: Tone, text: impl Into<String>) {
        let id = self.show(tone, text.into(), None);
        let toaster = *self;
        set_timeout(move || toaster.remove(id), std::time::Duration::from_millis(STAYS_MS));
    }

    /// Shows a toast with an action, until it is used or dismissed.
    pub fn offer(&self, tone: Tone, text: impl Into<String>, label: &'static str, act: impl Into<Callback<()>>) {
        self.show(tone, text.into(), Some((label, act.into())));
    }

    fn show(&self, tone: Tone, text: String, offer: Option<(&'static str, Callback<()>)>) -> u32 {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.shown.update(|shown| {
            shown.retain(|other| other.text != text);
            shown.push(Toast { id, tone, text, offer });
            if shown.len() > 4 {
                shown.remove(0);
            }
        });
        id
    }

    fn remove(&self, id: u32) {
        if self.shown.with_untracked(|shown| shown.iter().any(|toast| toast.id == id)) {
            self.shown.update(|shown| shown.retain(|toast| toast.id != id));
        }
    }
}

impl Default for Toaster {
    fn default() -> Self {
        Self::new()
    }
}

/// The place where toasts appear.
#[component]
pub fn Toasts() -> impl IntoView {
    let toaster = expect_context::<Toaster>();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toaster.shown.get() key=|toast| toast.id children=move |toast: Toast| {
                let id = toast.id;
                view! {
                    <div class=format!("toast {}", toast.tone.class())>
                        <Icon glyph=toast.tone.glyph() />
                        <span class="grow">{toast.text}</span>
                        {toast.offer.map(|(label, act)| view! {
                            <Button label=label class="small" kind=ButtonKind::Primary on_press=move || {
                                toaster.remove(id);
                                act.run(());
                            } />
                        })}
                        <Button label="Dismiss" glyph=Glyph::Close icon_only=true class="small tip-up tip-end" kind=ButtonKind::Quiet
                            on_press=move || toaster.remove(id) />
                    </div>
                }
            } />
        </div>
    }
}
