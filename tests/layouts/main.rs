//! Datasets as tools and trainers lay them out: what is read of each, and what comes back, judged by the truth and by the
//! pixels.
//!
//! Every layout is drawn by the project itself. Some lie in `../shared/cases/layouts` too, laid out by other hands: where
//! that folder is absent, the tests of `beside` say so and pass.

mod alone;
mod follow;
mod judge;
mod lay;
mod paint;
mod read;
mod run;
mod scene;
mod set;
mod shared;
mod truth;

use set::Layout;

/// Fails with the first things that are wrong.
fn hold(layout: &Layout, wrong: Vec<String>) {
    const SHOWN: usize = 12;
    let first = wrong.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n  ");
    assert!(wrong.is_empty(), "{}: {} things are wrong, the first of them:\n  {first}", layout.name, wrong.len());
}

/// Judges the set of other hands, where it is.
fn beside(layout: &Layout) {
    match shared::set(layout) {
        Some(set) => {
            let wrong = [judge::as_it_is(layout, &set), judge::moved(layout, &set), alone::alone(layout, &set)];
            hold(layout, wrong.concat());
        }
        None => eprintln!("SKIPPED: no set of {} lies beside the project", layout.name),
    }
}

macro_rules! layouts {
    ($($name:ident)*) => {
        $(mod $name {
            use super::{alone, beside, hold, judge, lay};

            fn layout() -> &'static super::Layout {
                lay::named(&stringify!($name).replace('_', "-"))
            }

            #[test]
            fn comes_back_as_it_is() {
                hold(layout(), judge::as_it_is(layout(), &layout().drawn()));
            }

            #[test]
            fn is_followed_by_its_labels() {
                hold(layout(), judge::moved(layout(), &layout().drawn()));
            }

            #[test]
            fn has_the_same_labels_image_by_image() {
                hold(layout(), alone::alone(layout(), &layout().drawn()));
            }

            #[test]
            fn lies_beside_the_project() {
                beside(layout());
            }
        })*

        const NAMED: &[&str] = &[$(stringify!($name)),*];
    };
}

layouts! {
    rf_yolov8_det rf_yolov8_seg rf_yolov8_mix rf_yolov8_obb ul_det ul_obb ul_pose ul_txtlists ul_ndjson
    yolo_sets yolo_joined
    cvat_ultralytics_yolo cvat_yolo11 labelimg_yolo ls_yolo
    coco_std coco_samenames lvis rf_coco cvat_coco ls_coco
    voc_seg voc_trainval rf_voc cvat_voc voc_labelme
    cvat_segmask rf_semseg mmseg seg_images_masks seg_images_masks_split seg_images_labels seg_trainmasks seg_maskjpg
    camvid cityscapes ade20k
    seg_in_segmentation seg_words nnunet drive mvtec
    cityscapes_polygons dota dota_both labelme cvat_xml cvat_xml_turned cvat_subsets ls_json ls_json_turned via createml
    supervisely kitti kitti_lists visdrone
    tf_csv openimages_csv retinanet_csv rf_keras_txt hf_imagefolder
    imagefolder_splits imagefolder_samenames imagefolder_eval imagefolder_sets imagefolder_copied imagefolder_trains hf_classes_csv
}

#[test]
fn every_layout_of_the_tables_is_judged() {
    let named: Vec<String> = NAMED.iter().map(|name| name.replace('_', "-")).collect();
    let forgotten: Vec<_> =
        lay::all().map(|layout| layout.name).filter(|name| !named.iter().any(|n| n == name)).collect();
    assert!(forgotten.is_empty(), "no test names {forgotten:?}");
}
