#!/bin/sh
# Augments one image that is too large for a function, in the batch service: large.sh KEY, a key in the originals.
# The object's metadata controls the job; the zip goes to large/ in the bucket of results.
set -eu

key=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
file="$work/$(basename "$key")"

said=$(aws s3api head-object --bucket "$ORIGINALS_BUCKET" --key "$key" --query Metadata --output json)
count=$(printf '%s' "$said" | jq --raw-output '."num-of-augments" // empty')
recipe=$(printf '%s' "$said" | jq --raw-output '.recipe // "classic"')
case $recipe in
  "{"*) printf '%s' "$recipe" > "$work/recipe.json" && recipe="$work/recipe.json" ;;
esac

aws s3 cp --only-show-errors "s3://$ORIGINALS_BUCKET/$key" "$file"
# The seed depends only on the image, so a restart after a spot interruption gives the same zip.
seed=$(sha256sum "$file" | cut -c 1-12)
delta augment "$file" --output "$work/out.zip" --recipe "$recipe" --seed "$((0x$seed))" ${count:+--count "$count"} \
  --max-pixels "$MAX_PIXELS" --json
aws s3 cp --only-show-errors --content-type application/zip "$work/out.zip" "s3://$RESULTS_BUCKET/large/$key.zip"
aws s3api put-object-tagging --bucket "$RESULTS_BUCKET" --key "large/$key.zip" \
  --tagging 'TagSet=[{Key=retention,Value=standard}]'
# The function adds the zip to the image's record.
sha256=$(sha256sum "$work/out.zip" | cut -c 1-64)
said=$(jq --null-input --compact-output --arg key "$key" --arg sha256 "$sha256" '{large: $key, sha256: $sha256}')
aws sqs send-message --queue-url "$QUEUE_URL" --message-body "$said"
