//! Reactive functions of few types: the same code serves all of them, where each closure would bring its own.

use std::sync::{Arc, Mutex};

use leptos::prelude::*;

/// A reactive function for a view's attribute or child.
pub type Live<T> = Arc<Mutex<dyn FnMut() -> T + Send>>;

/// Makes a reactive function for a view.
pub fn live<T: 'static>(function: impl FnMut() -> T + Send + 'static) -> Live<T> {
    Arc::new(Mutex::new(function))
}

/// A memo of what a function gives.
pub fn memo<T: Send + Sync + PartialEq + 'static>(function: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    let function: Box<dyn Fn() -> T + Send + Sync> = Box::new(function);
    Memo::new(move |_| function())
}

/// Runs a function now and whenever what it looked at changes.
pub fn effect(function: impl FnMut() + 'static) {
    let function: Box<dyn FnMut()> = Box::new(function);
    Effect::new(function);
}
