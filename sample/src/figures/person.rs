//! A person with the seventeen joints of COCO, from the front or from behind, in a pose.

use augment_core::geometry::Point;
use augment_core::math;

use super::PERSON;
use crate::color::{Rgb, flat, hex, rounded, times};
use crate::figure::{Figure, Joint, Shadow};
use crate::path::{Path, at};
use crate::random::Dice;

/// The names of the joints, in COCO's order.
pub(crate) const JOINTS: [&str; 17] = [
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
];
/// The bones between them.
pub(crate) const SKELETON: [(usize, usize); 19] = [
    (15, 13),
    (13, 11),
    (16, 14),
    (14, 12),
    (11, 12),
    (5, 11),
    (6, 12),
    (5, 6),
    (5, 7),
    (6, 8),
    (7, 9),
    (8, 10),
    (1, 2),
    (0, 1),
    (0, 2),
    (1, 3),
    (2, 4),
    (3, 5),
    (4, 6),
];

/// Degrees from hanging straight down, outwards: upper and lower part of the left and right limb.
#[derive(Clone, Copy)]
pub(crate) struct Pose {
    arms: [(f64, f64); 2],
    legs: [(f64, f64); 2],
}

impl Pose {
    pub(crate) const STANDING: Self = Self { arms: [(16.0, 8.0), (16.0, 8.0)], legs: [(4.0, 3.0), (4.0, 3.0)] };
    pub(crate) const WAVING: Self = Self { arms: [(14.0, 6.0), (112.0, 168.0)], legs: [(3.0, 2.0), (7.0, 5.0)] };
    pub(crate) const AKIMBO: Self = Self { arms: [(46.0, -46.0), (46.0, -46.0)], legs: [(7.0, 5.0), (7.0, 5.0)] };
    pub(crate) const WALKING: Self = Self { arms: [(28.0, 44.0), (20.0, 2.0)], legs: [(13.0, 3.0), (5.0, 13.0)] };
    pub(crate) const CHEERING: Self = Self { arms: [(128.0, 162.0), (132.0, 158.0)], legs: [(10.0, 8.0), (10.0, 8.0)] };
    pub(crate) const ALL: [Self; 5] = [Self::STANDING, Self::WAVING, Self::AKIMBO, Self::WALKING, Self::CHEERING];
}

/// What a person is drawn from.
pub(crate) struct Person {
    /// The ground below the middle.
    pub(crate) foot: Point,
    pub(crate) height: f64,
    pub(crate) facing_us: bool,
    pub(crate) pose: Pose,
}

/// Where things are, in heights of the person from the foot, y up.
struct Body {
    foot: Point,
    height: f64,
    /// Which way the person's left is on the screen.
    left: f64,
    lift: f64,
}

impl Body {
    fn place(&self, x: f64, y: f64) -> Point {
        at(self.foot.x + x * self.height, self.foot.y - (y + self.lift) * self.height)
    }

    /// A point of the left (0) or right (1) half of the body, `x` outwards.
    fn half(&self, which: usize, x: f64, y: f64) -> Point {
        self.place(if which == 0 { self.left * x } else { -self.left * x }, y)
    }
}

/// The three ends of a limb from its root: `(x, y)` outwards and up.
fn limb(root: (f64, f64), lengths: (f64, f64), degrees: (f64, f64)) -> [(f64, f64); 3] {
    let step = |from: (f64, f64), length: f64, degrees: f64| {
        let (sin, cos) = math::sin_cos_degrees(degrees);
        (from.0 + length * sin, from.1 - length * cos)
    };
    let middle = step(root, lengths.0, degrees.0);
    [root, middle, step(middle, lengths.1, degrees.1)]
}

/// A person, clothed by chance.
pub(crate) fn person(person: &Person, dice: &mut Dice) -> Figure {
    let Person { foot, height, facing_us, pose } = *person;
    let skin = hex(dice.deal("skin", &[0xF2C9A5, 0xE0A97E, 0xB97A50, 0x8A5636, 0x6A4028]));
    let hair = hex(dice.deal("hair", &[0x6E4A30, 0x2A1D16, 0x5B3A22, 0x8C5A2B, 0xC49A4B, 0x3B3B40, 0x9A3D22]));
    let shirt =
        hex(dice.deal("shirt", &[0xD94F45, 0x2F7BC8, 0xF2B134, 0x3F9B78, 0xF4EFE6, 0x7C5BA6, 0xE5829A, 0x35424F]));
    let cloth = hex(dice.deal("cloth", &[0x4F6A8C, 0x2D3E55, 0x4B5A3A, 0x6B5B4B, 0x23272E, 0x8C7A5B, 0x39557F]));
    let shoe = hex(dice.pick(&[0x2A2A2E, 0xE9E4DA, 0x7A3E2B, 0xC8443A]));
    let (long_hair, short_sleeves, shorts) = (dice.chance(0.45), dice.chance(0.6), dice.chance(0.35));
    let seed = (dice.unit() * 1e6) as u64;

    let legs = pose.legs.map(|degrees| limb((0.055, 0.495), (0.235, 0.22), degrees));
    let arms = pose.arms.map(|degrees| limb((0.105, 0.798), (0.165, 0.150), degrees));
    let lowest = legs[0][2].1.min(legs[1][2].1);
    let body = Body { foot, height, left: if facing_us { 1.0 } else { -1.0 }, lift: 0.038 - lowest };
    let mut figure = Figure::object(PERSON, Shadow::Ground(foot.y - height * 0.008, 0.42));
    let tone = |color: Rgb| rounded(color, foot.x - height * 0.09, foot.x + height * 0.13, 0.10, seed);
    let bone = |half: usize, a: (f64, f64), ra: f64, b: (f64, f64), rb: f64| {
        Path::limb(body.half(half, a.0, a.1), ra * height, body.half(half, b.0, b.1), rb * height)
    };

    if long_hair {
        let back = Path::ellipse(body.place(0.0, 0.885), 0.064 * height, 0.092 * height);
        figure.draw(back, tone(times(hair, 0.8)));
    }
    for (half, leg) in legs.iter().enumerate() {
        let toe = if facing_us { -0.012 } else { 0.004 };
        let shoe_from = (leg[2].0, leg[2].1 - 0.006);
        figure.draw(bone(half, leg[1], 0.038, leg[2], 0.024), tone(if shorts { skin } else { times(cloth, 0.94) }));
        figure.draw(bone(half, shoe_from, 0.026, (leg[2].0 + 0.014, leg[2].1 - 0.014 + toe), 0.024), tone(shoe));
        figure.draw(bone(half, leg[0], 0.056, leg[1], 0.041), tone(cloth));
    }
    let torso: Vec<Point> = [
        (-0.032, 0.850),
        (-0.105, 0.826),
        (-0.126, 0.780),
        (-0.098, 0.700),
        (-0.086, 0.620),
        (-0.104, 0.520),
        (-0.070, 0.470),
        (0.070, 0.470),
        (0.104, 0.520),
        (0.086, 0.620),
        (0.098, 0.700),
        (0.126, 0.780),
        (0.105, 0.826),
        (0.032, 0.850),
    ]
    .map(|(x, y)| body.place(x, y))
    .to_vec();
    figure.draw(bone(0, (0.0, 0.90), 0.030, (0.0, 0.836), 0.034), tone(times(skin, 0.86)));
    figure.draw(Path::smooth(&torso), tone(shirt));
    let belt =
        [body.place(-0.108, 0.515), body.place(0.108, 0.515), body.place(0.095, 0.462), body.place(-0.095, 0.462)];
    figure.draw(Path::polygon(&belt), tone(times(cloth, 1.03)));
    for (half, arm) in arms.iter().enumerate() {
        let lower = if short_sleeves { skin } else { shirt };
        let reach = |part: f64| (arm[2].0 + part * (arm[2].0 - arm[1].0), arm[2].1 + part * (arm[2].1 - arm[1].1));
        figure.draw(bone(half, reach(0.0), 0.019, reach(0.24), 0.024), tone(skin));
        figure.draw(bone(half, arm[1], 0.029, arm[2], 0.021), tone(times(lower, 0.95)));
        figure.draw(bone(half, arm[0], 0.034, arm[1], 0.030), tone(times(shirt, 0.97)));
    }
    head(&mut figure, &body, facing_us, [skin, hair], &tone);

    let mut joints = vec![(body.place(0.0, 0.906), !facing_us)];
    joints.extend([0, 1].map(|half| (body.half(half, 0.020, 0.922), !facing_us)));
    joints.extend([0, 1].map(|half| (body.half(half, 0.052, 0.912), long_hair && !facing_us)));
    joints.extend((0..3).flat_map(|i| [0, 1].map(|half| (body.half(half, arms[half][i].0, arms[half][i].1), false))));
    joints.extend((0..3).flat_map(|i| [0, 1].map(|half| (body.half(half, legs[half][i].0, legs[half][i].1), false))));
    figure.set_joints(joints.into_iter().map(|(point, hidden)| Joint { point, hidden }).collect());
    figure
}

fn head(
    figure: &mut Figure,
    body: &Body,
    facing_us: bool,
    [skin, hair]: [Rgb; 2],
    tone: &dyn Fn(Rgb) -> crate::color::Paint,
) {
    let height = body.height;
    let center = body.place(0.0, 0.915);
    let (rx, ry) = (0.051 * height, 0.064 * height);
    let spot = |x: f64, y: f64| at(center.x + x * rx, center.y - y * ry);
    for half in [0, 1] {
        figure
            .draw(Path::ellipse(body.half(half, 0.051, 0.911), 0.011 * height, 0.017 * height), tone(times(skin, 0.9)));
    }
    figure.draw(Path::ellipse(center, rx, ry), tone(skin));
    if !facing_us {
        let nape = [
            (-1.08, 0.1),
            (-0.95, 0.75),
            (0.0, 1.16),
            (0.95, 0.75),
            (1.08, 0.1),
            (0.72, -0.72),
            (0.0, -0.9),
            (-0.72, -0.72),
        ];
        figure.draw(Path::smooth(&nape.map(|(x, y)| spot(x, y))), tone(hair));
        return;
    }
    let fringe = [
        (-1.07, -0.05),
        (-1.10, 0.45),
        (-0.72, 1.02),
        (0.0, 1.20),
        (0.72, 1.02),
        (1.10, 0.45),
        (1.07, -0.05),
        (0.86, 0.36),
        (0.30, 0.56),
        (-0.40, 0.50),
        (-0.84, 0.34),
    ];
    figure.draw(Path::smooth(&fringe.map(|(x, y)| spot(x, y))), tone(hair));
    for half in [0, 1] {
        let (eye, brow) = (body.half(half, 0.020, 0.920), body.half(half, 0.020, 0.9375));
        figure.draw(Path::ellipse(eye, 0.0058 * height, 0.0074 * height), flat(hex(0x2B211C)));
        figure.draw(
            Path::circle(at(eye.x - 0.0018 * height, eye.y - 0.003 * height), 0.0017 * height),
            flat(hex(0xFFFFFF)),
        );
        figure.draw(Path::ellipse(brow, 0.0105 * height, 0.0022 * height), flat(times(hair, 0.75)));
        let cheek = body.half(half, 0.029, 0.894);
        figure.glaze(Path::ellipse(cheek, 0.0105 * height, 0.0085 * height), flat(hex(0xE8776A)), 0.22);
    }
    figure
        .draw(Path::limb(spot(0.0, 0.02), 0.005 * height, spot(0.04, -0.14), 0.008 * height), flat(times(skin, 0.84)));
    let mouth = [(-0.36, -0.36), (0.0, -0.48), (0.36, -0.36), (0.22, -0.52), (0.0, -0.59), (-0.22, -0.52)];
    figure.draw(Path::smooth(&mouth.map(|(x, y)| spot(x, y))), flat(hex(0xA8443F)));
}
