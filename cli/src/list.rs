//! `delta list`: the images of an API, the newest first.

use augment_api::{Image, ImageQuery};

use crate::args::ListArgs;
use crate::console::Console;
use crate::outcome::Outcome;
use crate::remote;

/// Images fetched at once.
const PAGE: u32 = 100;

pub(crate) fn run(console: &Console, args: &ListArgs) -> anyhow::Result<Outcome> {
    let client = remote::client(&args.api)?;
    remote::block_on(async {
        let mut query =
            ImageQuery { tag: args.tag.clone(), group: args.group.clone(), limit: Some(PAGE), ..ImageQuery::default() };
        loop {
            let page = client.images(&query).await?;
            for image in &page.images {
                if args.json {
                    console.result(serde_json::to_string(image)?)?;
                } else {
                    console.result(line(image))?;
                }
            }
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                return Ok(Outcome::Done);
            }
        }
    })
}

fn line(image: &Image) -> String {
    let mut about = image.tags.join(",");
    if let Some(group) = &image.group {
        about = format!("{group} {about}");
    }
    format!("{:20}  {:10}  {}  {}  {about}", image.id, image.state.word(), image.created_at, image.filename)
        .trim_end()
        .to_owned()
}
