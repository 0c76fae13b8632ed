//! Rendering against a plain renderer: no fixed point, no spans, no fusion.

use std::slice::from_ref;

use super::warp::{warp_image, warp_mask};
use crate::geometry::{Border, DisplacementField, Map, Matrix3, Point, Rect, Size, Warp};
use crate::image::{Channels, Fill, Image, Rgba};
use crate::labels::{Mask, Values};
use crate::math;
use crate::sampling::Random;

const FILL: Rgba = Rgba([200, 10, 120, 255]);

fn noise(size: Size, channels: Channels) -> Image {
    let mut random = Random::from_drawn(5);
    let samples = (0..size.area() * channels.count()).map(|_| random.below(256) as u8).collect();
    Image::from_samples(size, channels, samples).unwrap()
}

/// Gentle waves: what several samplings in a row blur little.
fn waves(size: Size, channels: Channels) -> Image {
    let n = channels.count();
    let mut image = Image::zeroed(size, channels);
    for y in 0..size.height as usize {
        for (i, level) in image.row_mut(y).iter_mut().enumerate() {
            let (x, c) = ((i / n) as f64, (i % n) as f64);
            let wave =
                math::sin(0.11 * x + 0.07 * y as f64 + c) + math::cos(0.05 * x - 0.13 * y as f64 * (1.0 + 0.1 * c));
            *level = math::to_u8(128.0 + 30.0 * wave);
        }
    }
    image
}

/// A picture of floats, and how to look anything up in it.
struct Picture {
    size: Size,
    samples: Vec<f64>,
    n: usize,
}

impl Picture {
    fn of(image: &Image) -> Self {
        let samples = image.samples().iter().map(|level| f64::from(*level)).collect();
        Self { size: image.size(), samples, n: image.channels().count() }
    }

    fn at(&self, x: i64, y: i64, c: usize, border: Border, fill: f64) -> f64 {
        let inside = |v: i64, extent: u32| {
            let extent = i64::from(extent);
            Some(match border {
                _ if (0..extent).contains(&v) => v,
                Border::Constant => return None,
                Border::Replicate => v.clamp(0, extent - 1),
                Border::Wrap => v.rem_euclid(extent),
                Border::Reflect => {
                    let u = v.rem_euclid(2 * extent);
                    if u < extent { u } else { 2 * extent - 1 - u }
                }
            })
        };
        let (Some(x), Some(y)) = (inside(x, self.size.width), inside(y, self.size.height)) else { return fill };
        self.samples[(y as usize * self.size.width as usize + x as usize) * self.n + c]
    }

    /// Bilinear, the border looked up pixel by pixel.
    fn sample(&self, p: Point, c: usize, border: Border, fill: f64) -> f64 {
        let (u, v) = (p.x - 0.5, p.y - 0.5);
        let (x, y) = (u.floor(), v.floor());
        let (fx, fy) = (u - x, v - y);
        let at = |dx: i64, dy: i64| self.at(x as i64 + dx, y as i64 + dy, c, border, fill);
        (at(0, 0) * (1.0 - fx) + at(1, 0) * fx) * (1.0 - fy) + (at(0, 1) * (1.0 - fx) + at(1, 1) * fx) * fy
    }

    /// The picture after one warp.
    fn warped(&self, warp: &Warp, fill: [u8; 4]) -> Self {
        let mut samples = Vec::new();
        for y in 0..warp.output.height {
            for x in 0..warp.output.width {
                let p = warp.source_of(Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5));
                samples.extend((0..self.n).map(|c| self.sample(p, c, warp.border, f64::from(fill[c]))));
            }
        }
        Self { size: warp.output, samples, n: self.n }
    }
}

/// The distance of an output pixel's way back through a chain from the nearest edge of a frame, in pixels.
fn clearance(input: Size, warps: &[Warp], mut p: Point) -> f64 {
    let mut least = f64::INFINITY;
    for (k, warp) in warps.iter().enumerate().rev() {
        let size = if k == 0 { input } else { warps[k - 1].output };
        p = warp.source_of(p);
        let (w, h) = (f64::from(size.width), f64::from(size.height));
        for (v, extent) in [(p.x, w), (p.y, h)] {
            least = least.min(v.abs()).min((v - extent).abs());
        }
        p = Point::new(warp.border.fold(p.x, w).unwrap_or(p.x), warp.border.fold(p.y, h).unwrap_or(p.y));
    }
    least
}

fn swell(size: Size) -> DisplacementField {
    DisplacementField::new(size, 7.0, |p| (4.0 * math::sin(p.y * 0.05), 3.0 * math::cos(p.x * 0.06)))
}

/// Maps of every sort, from a size to one like it.
fn maps(size: Size) -> Vec<Warp> {
    let center = size.center();
    let quad = [Point::new(9.0, 4.0), Point::new(88.0, -3.0), Point::new(93.0, 75.0), Point::new(-6.0, 66.0)];
    [
        Matrix3::rotation(17.0).about(center),
        Matrix3::scaling(1.3, 1.05).about(center),
        Matrix3::shear(12.0, -7.0).about(center).then(Matrix3::translation(11.3, -6.1)),
        Matrix3::from_rect_to_quad(size.frame(), quad).unwrap(),
        Matrix3::scaling(-1.0, 1.0).about(center),
    ]
    .into_iter()
    .map(|forward| Warp::matrix(size, forward).unwrap())
    .chain([Warp::field(size, swell(size))])
    .collect()
}

/// Compares the engine's picture with one made step by step; pixels near a frame's edge count by `at_edges`.
fn compare(name: &str, image: &Image, warps: &[Warp], tolerance: f64, near: f64) {
    let fused = warp_image(image, warps);
    let fill = FILL.samples(image.channels());
    let stepped = warps.iter().fold(Picture::of(image), |picture, warp| picture.warped(warp, fill));
    let (n, width) = (stepped.n, stepped.size.width as usize);
    for (at, (got, wanted)) in fused.samples().iter().zip(&stepped.samples).enumerate() {
        let p = Point::new((at / n % width) as f64 + 0.5, (at / n / width) as f64 + 0.5);
        if clearance(image.size(), warps, p) > near {
            assert!((f64::from(*got) - wanted).abs() <= tolerance, "{name}: {got} instead of {wanted:.2} at {p:?}");
        }
    }
}

#[test]
fn one_map_looks_as_a_plain_renderer_draws_it() {
    for channels in [Channels::Gray, Channels::Rgb] {
        let image = noise(Size::new(90, 70), channels);
        for (i, warp) in maps(image.size()).into_iter().enumerate() {
            for border in [Border::Constant, Border::Replicate, Border::Reflect, Border::Wrap] {
                let warp = warp.clone().with_border(border, FILL);
                // Constant borders of maps that keep the axes are cut, not blended.
                let near = if border == Border::Constant { 0.5 } else { -1.0 };
                // Weights are of 6 bits, so noise may be off by 1/64 of its contrast in each direction.
                compare(&format!("map {i} {border:?} {channels:?}"), &image, &[warp], 8.0, near);
            }
        }
    }
}

#[test]
fn fused_maps_look_as_if_made_step_by_step() {
    let image = waves(Size::new(90, 70), Channels::Rgb);
    let maps = maps(image.size());
    for border in [Border::Constant, Border::Replicate, Border::Reflect, Border::Wrap] {
        for (i, first) in maps.iter().enumerate() {
            for (j, second) in maps.iter().enumerate() {
                let warps = [first.clone().with_border(border, FILL), second.clone().with_border(border, FILL)];
                compare(&format!("maps {i} {j} {border:?}"), &image, &warps, 5.0, 2.5);
            }
        }
        let three = [0, 5, 3].map(|i| maps[i].clone().with_border(border, FILL));
        compare(&format!("three maps {border:?}"), &image, &three, 6.0, 4.0);
    }
}

#[test]
fn fused_matrices_look_like_their_product() {
    let image = noise(Size::new(120, 90), Channels::Rgb);
    let center = image.size().center();
    // The frame between is so large that it cuts nothing.
    let large = Size::new(500, 500);
    let (first, second) =
        (Matrix3::rotation(31.0).about(center).then(Matrix3::translation(180.0, 190.0)), Matrix3::rotation(-12.0));
    let back = second.then(Matrix3::translation(-180.0, -190.0));
    let two = [Warp::matrix(large, first).unwrap(), Warp::matrix(image.size(), back).unwrap()];
    let one = [Warp::matrix(image.size(), first.then(back)).unwrap()];
    assert!(far(&warp_image(&image, &two), &warp_image(&image, &one)) <= 4, "fusing changes the picture");
}

/// The greatest difference of two images.
fn far(a: &Image, b: &Image) -> u8 {
    assert_eq!(a.size(), b.size(), "sizes differ");
    a.samples().iter().zip(b.samples()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

#[test]
fn whole_pixel_maps_are_exact_and_undo_themselves() {
    for size in [Size::new(37, 22), Size::new(1, 1), Size::new(1, 9), Size::new(64, 33)] {
        for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
            let image = noise(size, channels);
            let (w, h) = (f64::from(size.width), f64::from(size.height));
            let flip = Warp::matrix(size, Matrix3::affine(-1.0, 0.0, w, 0.0, 1.0, 0.0)).unwrap();
            let turned = size.transposed();
            let turn = Warp::matrix(turned, Matrix3::affine(0.0, -1.0, h, 1.0, 0.0, 0.0)).unwrap();
            let turn_again = Warp::matrix(size, Matrix3::affine(0.0, -1.0, w, 1.0, 0.0, 0.0)).unwrap();
            let twice = warp_image(&warp_image(&image, from_ref(&flip)), from_ref(&flip));
            assert_eq!(twice, image, "two flips at {size:?}");
            let round = [turn.clone(), turn_again.clone(), turn, turn_again];
            assert_eq!(warp_image(&image, &round), image, "four quarter turns at {size:?}");
            assert_eq!(
                round.iter().fold(image.clone(), |image, turn| warp_image(&image, from_ref(turn))),
                image,
                "in steps"
            );
            let flipped = warp_image(&image, &[flip]);
            assert_eq!(flipped.pixel(0, 0), image.pixel(size.width as usize - 1, 0), "the last column is the first");
        }
    }
}

#[test]
fn padding_copies_pixels_whatever_the_border() {
    let image = noise(Size::new(20, 14), Channels::Rgba);
    for border in [Border::Constant, Border::Replicate, Border::Reflect, Border::Wrap] {
        let warp = Warp::matrix(Size::new(90, 61), Matrix3::translation(33.0, 24.0)).unwrap().with_border(border, FILL);
        let padded = warp_image(&image, &[warp]);
        let picture = Picture::of(&image);
        for (y, x) in (0..61).flat_map(|y| (0..90).map(move |x| (y, x))) {
            let fill = FILL.samples(Channels::Rgba);
            let wanted: Vec<u8> =
                (0..4).map(|c| picture.at(x - 33, y - 24, c, border, f64::from(fill[c])) as u8).collect();
            // An invisible color may be any.
            if wanted[3] > 0 {
                assert_eq!(padded.pixel(x as usize, y as usize), wanted, "{border:?} at {x}, {y}");
            }
        }
    }
}

#[test]
fn edges_of_maps_that_keep_the_axes_stay_clean() {
    let white = Image::filled(Size::new(40, 30), Channels::Rgb, Fill([255; 3]));
    let inner = Rect::new(7.0, 0.0, 87.0, 60.0);
    let letterbox = Warp::between_rects(Size::new(94, 60), white.size().frame(), inner)
        .unwrap()
        .with_border(Border::Constant, FILL);
    let boxed = warp_image(&white, &[letterbox]);
    for (x, pixel) in boxed.row(0).chunks_exact(3).enumerate() {
        assert_eq!(pixel, if (7..87).contains(&x) { &[255; 3] } else { &FILL.0[..3] }, "column {x}");
    }
    // A flip and a turn with a reflecting border: no dark seam where the frame between ends.
    let flip = Warp::matrix(white.size(), Matrix3::affine(-1.0, 0.0, 40.0, 0.0, 1.0, 0.0)).unwrap();
    let turn = Matrix3::rotation(33.0).about(white.size().center());
    let turn = Warp::matrix(white.size(), turn).unwrap().with_border(Border::Reflect, FILL);
    assert_eq!(warp_image(&white, &[flip, turn]), white, "white stays white");
}

#[test]
fn shrinking_averages_what_it_cannot_show() {
    let size = Size::new(210, 190);
    let checks = (0..size.area()).map(|at| if (at % 210 + at / 210) % 2 == 0 { 255 } else { 0 }).collect();
    let checks = Image::from_samples(size, Channels::Gray, checks).unwrap();
    for ratio in [2.0, 3.3, 7.0] {
        for degrees in [0.0, 5.0] {
            let output = Size::new((210.0 / ratio) as u32, (190.0 / ratio) as u32);
            let forward =
                Matrix3::scaling(1.0 / ratio, 1.0 / ratio).then(Matrix3::rotation(degrees).about(output.center()));
            let warp = Warp::matrix(output, forward).unwrap().with_border(Border::Reflect, FILL);
            let shrunk = warp_image(&checks, &[warp]);
            let (low, high) = (shrunk.samples().iter().min().unwrap(), shrunk.samples().iter().max().unwrap());
            assert!(*low > 108 && *high < 147, "shrunk by {ratio}, turned by {degrees}: {low} to {high}");
        }
    }
}

#[test]
fn transparent_pixels_lend_no_color() {
    // Opaque green beside transparent red: any red that shows was mixed in wrongly.
    let size = Size::new(48, 36);
    let samples = (0..size.area()).flat_map(|at| if at % 48 / 5 % 2 == 0 { [0, 255, 0, 255] } else { [255, 0, 0, 0] });
    let image = Image::from_samples(size, Channels::Rgba, samples.collect()).unwrap();
    for forward in [
        Matrix3::rotation(20.0).about(size.center()),
        Matrix3::scaling(0.37, 0.37),
        Matrix3::scaling(2.3, 2.3),
        Matrix3::scaling(0.3, 0.3).then(Matrix3::rotation(9.0)),
    ] {
        let warp = Warp::matrix(size, forward).unwrap().with_border(Border::Reflect, FILL);
        for pixel in warp_image(&image, &[warp]).samples().chunks_exact(4).filter(|pixel| pixel[3] > 0) {
            assert!(pixel[0] == 0 && pixel[1] >= 254, "{forward:?} made {pixel:?}");
        }
    }
}

#[test]
fn masks_keep_their_values_and_lie_where_the_image_does() {
    let levels = noise(Size::new(90, 70), Channels::Gray);
    let mask = Mask::from(levels.clone());
    for warp in maps(mask.size()) {
        for border in [Border::Constant, Border::Replicate, Border::Reflect, Border::Wrap] {
            let warp = warp.clone().with_border(border, FILL);
            let warped = warp_mask(&mask, from_ref(&warp), [77; 4]);
            let wide: Vec<u8> = levels.samples().iter().flat_map(|level| [*level, 255 - *level]).collect();
            let wide = Mask::new(mask.size(), Values::Words, wide).unwrap();
            let words = warp_mask(&wide, from_ref(&warp), [77, 178, 0, 0]);
            let (pairs, _) = words.samples().as_chunks::<2>();
            assert!(pairs.iter().all(|[high, low]| *low == 255 - *high), "both bytes of a number move together");
            assert!(
                pairs.iter().map(|pair| &pair[0]).eq(warped.samples()),
                "numbers of 16 bits lie where those of 8 do"
            );
            for (at, value) in warped.samples().iter().enumerate() {
                let p = Point::new((at % 90) as f64 + 0.5, (at / 90) as f64 + 0.5);
                let from = warp.source_of(p);
                if (from.x - from.x.round()).abs().min((from.y - from.y.round()).abs()) < 0.02 {
                    // So near to the next pixel either may show.
                    continue;
                }
                let (x, y) = (from.x.floor() as i64, from.y.floor() as i64);
                assert_eq!(f64::from(*value), Picture::of(&levels).at(x, y, 0, border, 77.0), "{border:?} at {p:?}");
            }
        }
    }
}

/// Larger than a processor's own caches, so that its pixels are asked for ahead; with alpha no vectors take part.
#[test]
fn a_large_picture_is_turned_by_vectors_as_one_by_one() {
    let size = Size::new(1187, 1013);
    let rgb = noise(size, Channels::Rgb);
    let opaque = rgb.samples().as_chunks::<3>().0.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect();
    let rgba = Image::from_samples(size, Channels::Rgba, opaque).unwrap();
    for (degrees, border) in [(12.5, Border::Reflect), (-77.0, Border::Wrap), (3.0, Border::Replicate)] {
        let angle = degrees * std::f64::consts::PI / 180.0;
        let (sin, cos, center) = (math::sin(angle), math::cos(angle), size.center());
        let turn = Matrix3::affine(cos, -sin, 0.0, sin, cos, 0.0);
        let forward =
            Matrix3::translation(-center.x, -center.y).then(turn).then(Matrix3::translation(center.x, center.y));
        let warp = Warp { border, ..Warp::matrix(size, forward).unwrap() };
        let (vectors, alone) = (warp_image(&rgb, from_ref(&warp)), warp_image(&rgba, from_ref(&warp)));
        let same = vectors.samples().as_chunks::<3>().0.iter().zip(alone.samples().as_chunks::<4>().0);
        let differs = same.clone().position(|(pixel, other)| pixel[..] != other[..3]);
        assert_eq!(differs, None, "{degrees} degrees, {border:?}");
    }
}

/// Rows made of columns, which are asked for ahead; a color alone is too small for that.
#[test]
fn a_large_picture_is_made_of_columns_as_its_colors_alone() {
    let size = Size::new(1187, 1013);
    let image = noise(size, Channels::Rgb);
    for degrees in [90.0, 270.0] {
        for factor in [1.0, 1.15, 0.6] {
            let turned = size.transposed();
            let out = Size::new((f64::from(turned.width) * factor) as u32, (f64::from(turned.height) * factor) as u32);
            let [from, to] = [size, out].map(Size::center);
            let forward = Matrix3::translation(-from.x, -from.y)
                .then(Matrix3::rotation(degrees))
                .then(Matrix3::scaling(factor, factor))
                .then(Matrix3::translation(to.x, to.y));
            let warp = Warp::matrix(out, forward).unwrap().with_border(Border::Reflect, FILL);
            let warped = warp_image(&image, from_ref(&warp));
            for color in 0..3 {
                let one = |image: &Image| image.samples().iter().skip(color).step_by(3).copied().collect::<Vec<u8>>();
                let alone = Image::from_samples(size, Channels::Gray, one(&image)).unwrap();
                let same = warp_image(&alone, from_ref(&warp)).samples() == one(&warped);
                assert!(same, "{degrees} degrees, {factor} times, color {color}");
            }
        }
    }
}

#[test]
fn any_size_and_any_shrink_is_rendered() {
    for size in [Size::new(1, 1), Size::new(1, 50), Size::new(50, 1), Size::new(2, 3), Size::new(333, 7)] {
        let image = Image::filled(size, Channels::Rgb, Fill([90, 120, 7]));
        for output in [Size::new(1, 1), Size::new(3, 2), Size::new(40, 40)] {
            for factor in [1e-6, 1e-3, 0.2, 1.0, 50.0] {
                for degrees in [0.0, 90.0, 33.0] {
                    let forward = Matrix3::rotation(degrees).then(Matrix3::scaling(factor, factor));
                    for border in [Border::Replicate, Border::Reflect, Border::Wrap] {
                        let warp = Warp::matrix(output, forward).unwrap().with_border(border, FILL);
                        let warped = warp_image(&image, &[warp]);
                        assert!(
                            warped.samples().chunks_exact(3).all(|p| p == [90, 120, 7]),
                            "{size:?} {output:?} {factor}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn hostile_numbers_do_no_harm() {
    let image = noise(Size::new(16, 12), Channels::Rgb);
    for big in [1e-300, 1e-30, 1e9, 1e18, 1e150, 1e300] {
        for forward in [
            Matrix3::affine(big, 0.0, 0.0, 0.0, 1.0, 0.0),
            Matrix3::affine(1.0, big, 3.0, 0.2, 1.0, big),
            Matrix3([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, big, 0.3, 1.0]),
            Matrix3::translation(big, -big),
            Matrix3::scaling(1.0 / big, big),
        ] {
            for border in [Border::Constant, Border::Replicate, Border::Reflect, Border::Wrap] {
                let Ok(warp) = Warp::matrix(Size::new(9, 8), forward) else { continue };
                let warp = warp.with_border(border, FILL);
                let field = DisplacementField::new(warp.output, 2.0, |p| (p.x * big, -big));
                let field = Warp { output: warp.output, map: Map::Field(field), border, fill: FILL };
                for warps in [vec![warp.clone()], vec![field.clone()], vec![warp, field]] {
                    warp_image(&image, &warps);
                    warp_mask(&image.clone().into(), &warps, [0; 4]);
                }
            }
        }
    }
}
