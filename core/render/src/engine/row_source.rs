//! A sample whose last steps are still to be done, row by row, so that what takes rows needs no frame of them.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::sample::Sample;
use super::stop::Stop;
use super::warp::Warped;
use crate::error::Result;
use crate::geometry::{Size, Warp};
use crate::image::{Channels, Image, Rows};
use crate::kernels::{Levels, PixelPass, pass};
use crate::labels::{Mask, ObjectState};
use crate::transforms::Pixel;

/// Rows that are made at a time where a whole frame is wanted: as many as stay in a processor's cache.
const BAND: u32 = 16;

/// A sample whose masks and objects are done, and whose image lacks a warp, pixel passes or both.
#[derive(Debug)]
pub struct RowSource {
    /// The image is the one to warp.
    pub(super) sample: Sample,
    warped: Option<Warped>,
    passes: Vec<PixelPass>,
    /// Whether the passes are as few as they can be.
    fused: bool,
    /// Rows that were made together with some that were asked for.
    ahead: (Range<u32>, Vec<u8>),
    /// Once it is set, what is left is not done and reading fails.
    stop: Stop,
}

impl RowSource {
    pub(super) fn new(sample: Sample, stop: &Stop) -> Self {
        Self { sample, warped: None, passes: Vec::new(), fused: false, ahead: (0..0, Vec::new()), stop: stop.clone() }
    }

    /// Warps the image, which must be finished.
    pub(super) fn warp(&mut self, warps: Vec<Warp>) {
        self.warped = Some(Warped::new(&self.sample.image, warps));
    }

    /// Adds pixel steps; what comes before one that looks at the levels is done.
    pub(super) fn pass(&mut self, steps: &[&dyn Pixel]) {
        for step in steps {
            if step.needs_levels() {
                self.finish();
                self.passes.push(step.pass(Some(Levels(&self.sample.image))));
            } else {
                self.passes.push(step.pass(None));
            }
        }
        self.fused = false;
    }

    /// The finished image, taken out.
    pub(super) fn take_image(&mut self) -> Arc<Image> {
        self.finish();
        std::mem::replace(&mut self.sample.image, Arc::new(Image::zeroed(Size::new(0, 0), Channels::Gray)))
    }

    /// The finished sample.
    #[must_use]
    pub fn finished(mut self) -> Sample {
        self.finish();
        self.sample
    }

    /// The masks and the objects.
    #[must_use]
    pub fn into_labels(self) -> (Vec<Arc<Mask>>, Vec<ObjectState>) {
        (self.sample.masks, self.sample.objects)
    }

    /// Does all that is still to be done.
    pub(super) fn finish(&mut self) {
        self.fuse();
        if self.warped.is_some() || !self.passes.is_empty() {
            if self.warped.is_none()
                && let Some(image) = Arc::get_mut(&mut self.sample.image)
            {
                let (channels, stride) = (image.channels(), image.stride());
                pass::apply_all(&self.passes, 0, image.samples_mut(), stride, channels);
            } else {
                let mut out = Image::unset(self.size(), self.channels());
                let stride = out.stride();
                let band = BAND.max(self.together());
                let height = out.size().height;
                for (top, to) in (0..height)
                    .step_by(band as usize)
                    .zip(out.samples_mut().chunks_mut((stride * band as usize).max(1)))
                {
                    if self.stop.is_set() {
                        break;
                    }
                    self.make(top..(top + band).min(height), to);
                }
                self.sample.image = Arc::new(out);
            }
        }
        self.warped = None;
        self.passes.clear();
    }

    fn fuse(&mut self) {
        if !self.fused {
            self.passes = pass::fuse(std::mem::take(&mut self.passes), self.channels());
            self.fused = true;
        }
    }

    fn together(&self) -> u32 {
        self.warped.as_ref().map_or(1, Warped::together)
    }

    fn stride(&self) -> usize {
        self.size().width as usize * self.channels().count()
    }

    fn make(&self, rows: Range<u32>, to: &mut [u8]) {
        let (image, stride) = (&*self.sample.image, self.stride());
        match &self.warped {
            Some(warped) => warped.rows(image, rows.clone(), to),
            None => to.copy_from_slice(&image.samples()[rows.start as usize * stride..rows.end as usize * stride]),
        }
        pass::apply_all(&self.passes, rows.start as usize, to, stride, image.channels());
    }
}

impl Rows for RowSource {
    fn size(&self) -> Size {
        self.warped.as_ref().map_or(self.sample.image.size(), Warped::output)
    }

    fn channels(&self) -> Channels {
        self.sample.image.channels()
    }

    fn read(&mut self, rows: Range<u32>, to: &mut [u8]) -> Result<()> {
        self.stop.check()?;
        self.fuse();
        let together = self.together();
        if together as usize <= rows.len() {
            self.make(rows, to);
            return Ok(());
        }
        let (stride, height) = (self.stride(), self.size().height);
        for (y, to) in rows.zip(to.chunks_exact_mut(stride.max(1))) {
            if !self.ahead.0.contains(&y) {
                let made = y..y.saturating_add(together).min(height);
                let mut bytes = std::mem::take(&mut self.ahead.1);
                bytes.resize(stride * made.len(), 0);
                self.make(made.clone(), &mut bytes);
                self.ahead = (made, bytes);
            }
            let at = (y - self.ahead.0.start) as usize * stride;
            to.copy_from_slice(&self.ahead.1[at..at + stride]);
        }
        Ok(())
    }

    fn whole(&mut self) -> Result<Cow<'_, Image>> {
        self.finish();
        self.stop.check()?;
        Ok(Cow::Borrowed(&*self.sample.image))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{RenderContext, execute, execute_rows, execute_rows_until};
    use crate::error::{Error, ErrorKind};
    use crate::kernels::testing::picture;
    use crate::labels::{Classes, LabelPolicy, Labels};
    use crate::limits::Limits;
    use crate::plan::Plan;

    #[test]
    fn a_stop_ends_the_rows_between_bands() {
        let plan = Plan::from_json(&serde_json::from_str(PLANS[3]).unwrap()).unwrap();
        let (classes, policy, limits) = (Classes::default(), LabelPolicy::default(), Limits::default());
        let partner = |_| Err(Error::new(ErrorKind::Replay, "no step mixes"));
        let around = RenderContext { classes: &classes, policy: &policy, limits: &limits, partner: &partner };
        let image = Arc::new(picture(40, 70, Channels::Rgb));
        let sample = Sample::new(image, &Labels::default());
        let stop = Stop::default();
        let mut rows = execute_rows_until(&plan, sample.clone(), &around, &stop).unwrap();
        let mut band = vec![0; rows.stride() * 16];
        rows.read(0..16, &mut band).unwrap();
        stop.set();
        assert_eq!(rows.read(16..32, &mut band).unwrap_err().kind(), ErrorKind::Stopped, "the next band");
        assert_eq!(rows.whole().map(drop).unwrap_err().kind(), ErrorKind::Stopped, "nor the whole");
        let again = execute_rows_until(&plan, sample, &around, &stop).map(drop);
        assert_eq!(again.unwrap_err().kind(), ErrorKind::Stopped, "nor another start");
    }

    /// Steps of every way of making rows, with and without passes after them.
    const PLANS: &[&str] = &[
        "[]",
        r#"[{"op": "flip_vertical"}]"#,
        r#"[{"op": "quarter_turn", "turns": 1}]"#,
        r#"[{"op": "rotate", "degrees": 12.5, "border": "reflect"}]"#,
        r#"[{"op": "scale", "factor": 1.15, "border": "reflect"}, {"op": "invert"}]"#,
        r#"[{"op": "quarter_turn", "turns": 3}, {"op": "scale", "factor": 0.7, "border": "constant"}]"#,
        r#"[{"op": "rotate", "degrees": 30, "border": "wrap"}, {"op": "scale", "factor": 0.4, "border": "constant"}]"#,
        r#"[{"op": "invert"}]"#,
        r#"[{"op": "invert"}, {"op": "equalize", "by": "luma"}, {"op": "invert"}, {"op": "flip_horizontal"}, {"op": "invert"}]"#,
    ];

    #[test]
    fn rows_are_those_of_the_whole_frame() {
        let (classes, policy, limits) = (Classes::default(), LabelPolicy::default(), Limits::default());
        let partner = |_| Err(Error::new(ErrorKind::Recipe, "nothing is mixed here"));
        let around = RenderContext { classes: &classes, policy: &policy, limits: &limits, partner: &partner };
        for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
            let image = Arc::new(picture(203, 151, channels));
            let sample = || Sample::new(Arc::clone(&image), &Labels::default());
            for steps in PLANS {
                let plan = Plan::from_json(&serde_json::from_str(steps).unwrap()).unwrap();
                let whole = execute(&plan, sample(), &around).unwrap().image;
                let mut rows = execute_rows(&plan, sample(), &around).unwrap();
                assert_eq!((rows.size(), rows.channels()), (whole.size(), channels), "{steps}");
                for (some, many) in [(1, 7), (16, 16), (100, 1)] {
                    let mut rows = execute_rows(&plan, sample(), &around).unwrap();
                    let (mut top, mut count) = (0, some);
                    while top < whole.size().height {
                        let end = (top + count).min(whole.size().height);
                        let mut band = vec![7; (end - top) as usize * whole.stride()];
                        rows.read(top..end, &mut band).unwrap();
                        let wanted = &whole.samples()[top as usize * whole.stride()..end as usize * whole.stride()];
                        assert!(band == wanted, "{steps}, {channels:?}: rows {top} to {end}");
                        (top, count) = (end, many);
                    }
                }
                assert_eq!(*rows.whole().unwrap(), *whole, "{steps}");
            }
        }
    }

    #[test]
    fn what_an_earlier_frame_left_in_memory_shows_nowhere() {
        let (classes, policy, limits) = (Classes::default(), LabelPolicy::default(), Limits::default());
        let partner = |_| Err(Error::new(ErrorKind::Recipe, "nothing is mixed here"));
        let around = RenderContext { classes: &classes, policy: &policy, limits: &limits, partner: &partner };
        for steps in PLANS {
            let plan = Plan::from_json(&serde_json::from_str(steps).unwrap()).unwrap();
            let [clean, dirty] = [0, 170].map(|level| {
                let image = Arc::new(picture(203, 151, Channels::Rgb));
                drop(Image::filled(image.size(), Channels::Rgb, crate::image::Fill([level; 3])));
                execute(&plan, Sample::new(image, &Labels::default()), &around).unwrap().image
            });
            assert!(clean == dirty, "{steps}");
        }
    }
}
