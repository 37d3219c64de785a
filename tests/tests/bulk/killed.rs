//! The application is killed in the middle of a batch and started again: all done, none twice.

use anyhow::Result;
use keyturn_core::flows;
use keyturn_tests::batch::Left;

use crate::house::{NOW, assert_each_was_replaced_once, begin, ends, flat, keys, standing, work};

#[tokio::test(flavor = "multi_thread")]
async fn p14_and_r1_with_three_kills_in_between_all_are_done_and_none_twice() -> Result<()> {
    for provider in ["naturalead", "natural"] {
        let mut flat = flat(provider).await?;
        let keys = keys(&flat, 40).await?;
        let before = flat.listed().await?.iter().filter(|record| record.status.is_live()).count();
        begin(&flat, NOW, &keys).await?;
        for acts in [5, 37, 61] {
            assert_eq!(work(&flat, acts).await?, Left::Killed);
            flat = flat.restarted().await?;
            flows::recover(&flat.ctx).await?;
        }
        assert_eq!(work(&flat, usize::MAX).await?, Left::Ended);
        assert_eq!(ends(&flat).await?.into_iter().collect::<Vec<_>>(), [("done".to_owned(), 40)]);
        assert_each_was_replaced_once(&flat, &keys, before).await?;
        assert!(standing(&flat).await?.batch.ended_at.is_some());
    }
    Ok(())
}
