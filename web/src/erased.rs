//! Type-erased reactive functions: all closures share one instance of the code, which keeps the module small.

use std::sync::{Arc, Mutex};

use leptos::prelude::*;

/// A reactive function for a view's attribute or child.
pub type Live<T> = Arc<Mutex<dyn FnMut() -> T + Send>>;

/// Makes a reactive function for a view.
pub fn live<T: 'static>(function: impl FnMut() -> T + Send + 'static) -> Live<T> {
    Arc::new(Mutex::new(function))
}

/// A memo of the result of a function.
pub fn memo<T: Send + Sync + PartialEq + 'static>(function: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    let function: Box<dyn Fn() -> T + Send + Sync> = Box::new(function);
    Memo::new(move |_| function())
}

/// Runs a function now, and again when a signal changes that it read.
pub fn effect(function: impl FnMut() + 'static) {
    let function: Box<dyn FnMut()> = Box::new(function);
    Effect::new(function);
}
