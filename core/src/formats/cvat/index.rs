//! A CVAT file as an index into its text: which images it lists, and the part of the text that is about each.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::error::Result;
use crate::formats::draft::stated_size;
use crate::formats::xml::{Node, attributes, parse, unreadable};
use crate::geometry::Size;

/// Elements of what stands above the images; a project of a thousand labels with attributes has fewer.
const MAX_META_NODES: usize = 1_000_000;

/// A file that was looked through.
#[derive(Debug, Default)]
pub(super) struct CvatFile {
    /// The labels of objects that the file declares, in its order.
    pub(super) labels: Vec<Label>,
    pub(super) images: Vec<ImageEntry>,
    /// Tracks of a video.
    pub(super) tracks: usize,
}

/// A label that a file declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Label {
    pub(super) name: String,
    /// The points of a skeleton.
    pub(super) keypoints: Vec<String>,
    /// Pairs of points that are joined.
    pub(super) bones: Vec<(usize, usize)>,
}

/// An image as listed.
#[derive(Debug, Default)]
pub(super) struct ImageEntry {
    pub(super) name: String,
    pub(super) subset: Option<String>,
    /// Its size, where it is stated.
    pub(super) size: Option<Size>,
    /// The place of its element in the text.
    pub(super) range: Range<usize>,
}

/// Looks through an XML text whose root is `annotations`.
///
/// # Errors
/// `Label` for XML that cannot be read.
pub(super) fn index(text: &str) -> Result<CvatFile> {
    let mut file = CvatFile::default();
    let mut reader = Reader::from_str(text);
    let mut depth = 0usize;
    let (mut image, mut meta) = (None, None);
    let place = |at: u64| usize::try_from(at).unwrap_or(text.len());
    loop {
        let start = place(reader.buffer_position());
        let event = reader.read_event().map_err(|error| unreadable(&error.to_string()))?;
        if let Event::Start(tag) | Event::Empty(tag) = &event
            && depth == 1
        {
            match tag.local_name().as_ref() {
                "image" => image = Some(listed(tag, start)),
                "meta" => meta = Some(start),
                "track" => file.tracks += 1,
                _ => {}
            }
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Empty(_) => {}
            Event::Eof if depth > 0 => return Err(unreadable("it ends before its root element does")),
            Event::Eof => break,
            _ => continue,
        }
        // An element below the root has ended.
        if depth == 1 {
            let end = place(reader.buffer_position());
            if let Some(start) = meta.take() {
                file.labels = declared(&parse(text.get(start..end).unwrap_or_default(), MAX_META_NODES)?);
            }
            if let Some(mut image) = image.take() {
                image.range.end = end;
                file.images.push(image);
            }
        }
    }
    Ok(file)
}

/// An image as its tag lists it, which begins at `start`.
fn listed(tag: &BytesStart<'_>, start: usize) -> ImageEntry {
    let mut image = ImageEntry { range: start..start, ..ImageEntry::default() };
    let (mut width, mut height) = (None, None);
    for (name, value) in attributes(tag) {
        match name.as_str() {
            "width" => width = value.parse().ok(),
            "height" => height = value.parse().ok(),
            "name" => image.name = value,
            "subset" => image.subset = Some(value),
            _ => {}
        }
    }
    image.size = stated_size(width, height);
    image
}

/// The labels that stand anywhere above the images, in their order. Those of a skeleton's points name their parent.
fn declared(meta: &Node) -> Vec<Label> {
    let mut nodes = Vec::new();
    collect(meta, &mut nodes);
    let text =
        |node: &Node, name: &str| node.child(name).map(|child| child.text.clone()).filter(|text| !text.is_empty());
    let mut labels = Vec::new();
    let of_objects = |node: &&&Node| text(node, "parent").is_none() && text(node, "type").as_deref() != Some("tag");
    for node in nodes.iter().filter(of_objects) {
        let Some(name) = text(node, "name") else { continue };
        let points = nodes.iter().filter(|other| text(other, "parent").as_ref() == Some(&name));
        let keypoints: Vec<String> = points.filter_map(|point| text(point, "name")).collect();
        let bones = text(node, "svg").map(|svg| bones(&svg, &keypoints)).unwrap_or_default();
        labels.push(Label { name, keypoints, bones });
    }
    labels
}

fn collect<'a>(node: &'a Node, labels: &mut Vec<&'a Node>) {
    if node.name == "labels" {
        labels.extend(node.children.iter().filter(|child| child.name == "label"));
    } else {
        node.children.iter().for_each(|child| collect(child, labels));
    }
}

/// The edges of a skeleton's drawing, between points by their names.
fn bones(svg: &str, keypoints: &[String]) -> Vec<(usize, usize)> {
    let Ok(drawing) = parse(&format!("<svg>{svg}</svg>"), MAX_META_NODES) else { return Vec::new() };
    let end = |edge: &Node, name: &str| {
        let wanted = edge.attribute(name)?;
        let node = drawing.children.iter().find(|node| node.attribute("data-node-id") == Some(wanted))?;
        let label = node.attribute("data-label-name")?;
        keypoints.iter().position(|keypoint| keypoint == label)
    };
    let edges = drawing.children.iter();
    edges.filter_map(|edge| Some((end(edge, "data-node-from")?, end(edge, "data-node-to")?))).collect()
}
