//! `delta estimate`: what a month of a deployment on AWS costs for a given use, line by line.

mod model;

use anyhow::Context;
use serde_json::{Value, json};

use self::model::{Use, lines};
use crate::args::EstimateArgs;
use crate::console::Console;
use crate::outcome::Outcome;

/// The price table.
const PRICES: &str = include_str!("prices.json");

/// A price.
struct Price {
    usd: f64,
    per: String,
}

/// The price table, read.
struct Prices(Value);

impl Prices {
    fn read() -> anyhow::Result<Self> {
        Ok(Self(serde_json::from_str(PRICES).context("the price table is damaged")?))
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    fn of(&self, name: &str) -> anyhow::Result<Price> {
        let price = &self.0["prices"][name];
        let usd = price["usd"].as_f64().with_context(|| format!("the price table has no {name}"))?;
        Ok(Price { usd, per: price["per"].as_str().unwrap_or_default().to_owned() })
    }
}

pub(crate) fn run(console: &Console, args: &EstimateArgs) -> anyhow::Result<Outcome> {
    let prices = Prices::read()?;
    let bill = lines(&Use::of(args));
    let mut costs = Vec::new();
    for line in &bill {
        let price = prices.of(line.price)?;
        costs.push((line, line.quantity * price.usd, price));
    }
    let total: f64 = costs.iter().map(|(_, cost, _)| cost).sum();
    let a_thousand = total * 1000.0 / args.images as f64;
    let standing: f64 = costs.iter().filter(|(line, ..)| line.is_standing()).map(|(_, cost, _)| cost).sum();
    let a_thousand_more = (total - standing) * 1000.0 / args.images as f64;
    if args.json {
        let lines: Vec<Value> = costs
            .iter()
            .map(|(line, cost, price)| {
                json!({ "what": line.what, "quantity": line.quantity, "per": price.per, "price": price.usd, "usd": cost })
            })
            .collect();
        let about = json!({ "region": prices.text("region"), "date": prices.text("date"), "lines": lines,
                            "usd_a_month": total, "usd_a_thousand_images": a_thousand,
                            "usd_a_thousand_images_more": a_thousand_more });
        console.result(about)?;
        return Ok(Outcome::Done);
    }
    for (line, cost, price) in &costs {
        let quantity =
            format!("{:.prec$} {}s", line.quantity, price.per, prec = usize::from(line.quantity < 100.0) * 2);
        console.result(format_args!("{:46} {quantity:>28} {cost:>12.4}", line.what))?;
    }
    console.result(format_args!("{:46} {:>28} {total:>12.2}", "a month, US dollars", ""))?;
    console.result(format_args!("{:46} {:>28} {a_thousand:>12.4}", "per 1,000 images", ""))?;
    console.result(format_args!(
        "{:46} {:>28} {a_thousand_more:>12.4}",
        "  of which images, not what watches over them", ""
    ))?;
    console.result(format_args!(
        "\nList prices of {} as last known on {}, written down and not fetched; without free tiers. Storage is that of a \
         deployment that has run for as long as images are kept.",
        prices.text("region"),
        prices.text("date")
    ))?;
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::Prices;
    use super::model::{Use, lines};

    /// The use that the sums below are made for by hand.
    const USE: Use = Use {
        images: 1000.0,
        megapixels: 10.0,
        copies: 4.0,
        extended: false,
        downloads: 500.0,
        dataset_images: 0.0,
        rate: 100.0,
        bytes_a_pixel: 0.5,
    };

    /// What a line costs.
    fn cost(usage: &Use, what: &str) -> f64 {
        let bill = lines(usage);
        let found: Vec<_> = bill.iter().filter(|line| line.what == what).collect();
        assert_eq!(found.len(), 1, "one line '{what}' in {bill:#?}");
        found[0].quantity * Prices::read().unwrap().of(found[0].price).unwrap().usd
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-6, "{found} instead of {expected}");
    }

    #[test]
    fn every_line_has_its_price_with_a_source() {
        let prices = Prices::read().unwrap();
        let bill = lines(&USE);
        assert!(bill.len() > 12, "{} lines", bill.len());
        for line in &bill {
            assert!(prices.of(line.price).is_ok_and(|price| price.usd > 0.0), "{}", line.price);
            assert!(prices.0["prices"][line.price]["source"].is_string(), "{}", line.price);
        }
        assert!(prices.text("date").len() == 10 && prices.text("region") == "us-east-1", "dated");
    }

    #[test]
    fn a_month_of_a_thousand_photographs_is_what_a_hand_finds() {
        // 10 megapixels in, 4 * 10 out at 100 a second, 0.25 s around it: 0.75 s of 1769 MB (1.7275390625 GB) each:
        // 1,295.654 GB-seconds at 0.0000133334.
        near(cost(&USE, "augmenting"), 0.017_275_48);
        // 5 MB in and 20 MB out, 1000 times: 25 GB a month, of which 28 of 30.4375 days' worth lie there: 22.998 GB.
        near(cost(&USE, "storage"), 0.528_952_77);
        // 500 zips of 20 MB: 10 GB at 0.09.
        near(cost(&USE, "downloads"), 0.9);
        // The original and its tag, the zip in 3 parts with its beginning, end and tag, 7 thumbnails with theirs: 22.
        near(cost(&USE, "objects put"), 0.11);
        // 8 * 0.1
        near(cost(&USE, "alarms"), 0.8);
    }

    #[test]
    fn a_year_is_kept_in_the_archive_but_for_its_first_month() {
        let year = Use { extended: true, ..USE };
        // 30 of 30.4375 days' worth of 25 GB at 0.023, and 335 of them at 0.004.
        near(cost(&year, "storage"), 0.566_735_11);
        near(cost(&year, "archive"), 1.100_616_02);
        // Original and zip; what is smaller than 128 KB stays where it is.
        near(cost(&year, "moves into the archive"), 0.04);
        assert!(!lines(&USE).iter().any(|line| line.what == "archive"), "nothing of what goes after 28 days");
    }

    #[test]
    fn what_is_not_used_costs_only_what_watches_over_it() {
        let idle = Use { images: 0.0, downloads: 0.0, ..USE };
        let prices = Prices::read().unwrap();
        let total: f64 = lines(&idle).iter().map(|line| line.quantity * prices.of(line.price).unwrap().usd).sum();
        // 8 alarms, a dashboard and a secret; metrics of unused routes are not kept.
        near(total, 4.2);
    }

    #[test]
    fn twice_the_images_cost_twice_but_for_what_watches() {
        let sum = |usage: &Use| -> f64 {
            let prices = Prices::read().unwrap();
            let bill = lines(usage);
            bill.iter()
                .filter(|line| !line.is_standing())
                .map(|line| line.quantity * prices.of(line.price).unwrap().usd)
                .sum()
        };
        near(sum(&Use { images: 2000.0, downloads: 1000.0, ..USE }), 2.0 * sum(&USE));
    }
}
