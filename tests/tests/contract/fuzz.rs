//! A short run of what `cargo xtask fuzz` does at length.

use anyhow::Result;
use keyturn_tests::fuzz::targets;

#[tokio::test(flavor = "multi_thread")]
async fn n1_n2_n6_no_reply_makes_a_parser_panic_or_lets_anything_through() -> Result<()> {
    for target in targets() {
        target.feed(200, 1).await?;
    }
    Ok(())
}
