//! Shapes out of the numbers that drawing tools write.

use serde_json::Value;

use crate::formats::draft::FARTHEST;
use crate::geometry::{Point, Rect};
use crate::labels::Polygon;
use crate::math;

type Read<T> = std::result::Result<T, String>;

/// How far the outline of an ellipse may lie inside it, in pixels.
const SAGITTA_PX: f64 = 0.02;

/// A number within bounds.
pub(in crate::formats) fn number(value: Option<&Value>) -> Option<f64> {
    value?.as_f64().filter(|number| number.abs() <= FARTHEST)
}

/// A name: text that is not empty, or a number.
pub(in crate::formats) fn name(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(name) if !name.is_empty() => Some(name.clone()),
        Value::Number(name) => Some(name.to_string()),
        _ => None,
    }
}

/// A point of a list of two numbers.
pub(in crate::formats) fn point(value: &Value) -> Option<Point> {
    Some(Point::new(number(value.get(0))?, number(value.get(1))?))
}

/// A list of points.
///
/// # Errors
/// When it is no list, or one of them is not made of two numbers within bounds.
pub(in crate::formats) fn points(value: Option<&Value>) -> Read<Vec<Point>> {
    let list = value.and_then(Value::as_array).ok_or("it has no list of points")?;
    let all: Option<Vec<Point>> = list.iter().map(point).collect();
    all.ok_or_else(|| "a point is not made of two numbers within bounds".to_owned())
}

/// A closed outline; a last point that repeats the first is left out.
///
/// # Errors
/// When it has fewer than three points.
pub(in crate::formats) fn ring(mut points: Vec<Point>) -> Read<Vec<Point>> {
    if points.len() > 3 && points.first() == points.last() {
        points.pop();
    }
    if points.len() < 3 {
        return Err(format!("its outline has {} points, not three or more", points.len()));
    }
    Ok(points)
}

/// A polygon without holes.
///
/// # Errors
/// As [`ring`].
pub(in crate::formats) fn polygon(points: Vec<Point>) -> Read<Polygon> {
    Ok(Polygon::simple(ring(points)?))
}

/// The box around some points.
///
/// # Errors
/// When there is no point.
pub(in crate::formats) fn wide_box(points: &[Point]) -> Read<Rect> {
    Rect::around(points.iter().copied()).ok_or_else(|| "it has no points".to_owned())
}

/// The corners of a box that is turned clockwise on the screen by an angle in degrees about a point.
pub(in crate::formats) fn turned_box(rect: Rect, about: Point, degrees: f64) -> [Point; 4] {
    let (sin, cos) = (math::sin(degrees * math::PI / 180.0), math::cos(degrees * math::PI / 180.0));
    rect.corners().map(|corner| {
        let (x, y) = (corner.x - about.x, corner.y - about.y);
        Point::new(about.x + x * cos - y * sin, about.y + x * sin + y * cos)
    })
}

/// The outline of an ellipse with its first axis turned clockwise on the screen by an angle in degrees. Its points lie
/// on the ellipse, among them the ends of its axes: as many as keep it within a fiftieth of a pixel, from 32 to 360.
///
/// # Errors
/// When a radius is not positive.
pub(in crate::formats) fn ellipse(center: Point, [across, along]: [f64; 2], degrees: f64) -> Read<Polygon> {
    let longest = across.max(along);
    if across <= 0.0 || along <= 0.0 || longest > FARTHEST {
        return Err("its radius is not positive".to_owned());
    }
    // Between two of n points a circle of radius r lies about r (π / n)² / 2 outside.
    let quarter = math::PI * math::sqrt(longest / (2.0 * SAGITTA_PX)) / 4.0;
    let count = 4 * (quarter.ceil() as usize).clamp(8, 90);
    let (sin, cos) = (math::sin(degrees * math::PI / 180.0), math::cos(degrees * math::PI / 180.0));
    let at = |i: usize| {
        // By quarters, so that the ends of the axes are exact.
        let (turn, rest) = (i / (count / 4), i % (count / 4));
        let angle = 2.0 * math::PI * rest as f64 / count as f64;
        let (c, s) = if rest == 0 { (1.0, 0.0) } else { (math::cos(angle), math::sin(angle)) };
        let (c, s) = [(c, s), (-s, c), (-c, -s), (s, -c)][turn % 4];
        let (x, y) = (across * c, along * s);
        Point::new(center.x + x * cos - y * sin, center.y + x * sin + y * cos)
    };
    Ok(Polygon::simple((0..count).map(at).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_ellipse_touches_the_box_around_it() {
        let circle = ellipse(Point::new(50.0, 40.0), [20.0, 10.0], 0.0).unwrap();
        assert_eq!(Rect::around(circle.outer.iter().copied()), Some(Rect::new(30.0, 30.0, 70.0, 50.0)));
        let exact = math::PI * 200.0;
        assert!((circle.area() - exact).abs() < 0.002 * exact, "{} of {exact}", circle.area());
        let turned = ellipse(Point::new(50.0, 40.0), [20.0, 10.0], 90.0).unwrap();
        let bound = Rect::around(turned.outer.iter().copied()).unwrap();
        assert!((bound.y0 - 20.0).abs() < 1e-9 && (bound.x0 - 40.0).abs() < 1e-9, "{bound:?}");
        assert!(ellipse(Point::default(), [0.0, 3.0], 0.0).is_err(), "no radius");
    }

    #[test]
    fn a_box_turns_clockwise_on_the_screen() {
        let corners = turned_box(Rect::new(10.0, 10.0, 30.0, 20.0), Point::new(10.0, 10.0), 90.0);
        let expected = [(10.0, 10.0), (10.0, 30.0), (0.0, 30.0), (0.0, 10.0)];
        for (corner, (x, y)) in corners.iter().zip(expected) {
            assert!((corner.x - x).abs() < 1e-9 && (corner.y - y).abs() < 1e-9, "{corners:?}");
        }
    }

    #[test]
    fn what_is_no_point_is_refused() {
        assert_eq!(points(Some(&json!([[1, 2.5], [3, 4]]))).unwrap()[0], Point::new(1.0, 2.5));
        for hostile in [json!([[1]]), json!([[1, "2"]]), json!([[1e300, 2]]), json!(3), json!([null]), json!({"0": 1})]
        {
            assert!(points(Some(&hostile)).is_err(), "{hostile}");
        }
        assert!(points(None).is_err() && polygon(vec![Point::default(); 2]).is_err(), "too few");
        let closed = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)].map(|(x, y)| Point::new(x, y));
        assert_eq!(polygon(closed.to_vec()).unwrap().outer.len(), 3, "the first point is not said twice");
    }
}
