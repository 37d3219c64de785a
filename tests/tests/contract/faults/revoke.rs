//! A revocation that met a fault is not called done until the key is refused.

use anyhow::{Context, Result, bail, ensure};
use keyturn_authority::Calls;
use keyturn_core::account::VendorId;
use keyturn_core::flows::{self, Confirmation, Wake};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::operation::OperationId;
use keyturn_tests::flat::Flat;

use super::checks::{is_sound, says_no_secret};
use super::{Sink, arm, bounded, clear, every_fault, impatient, side_by_side};
use crate::house::{id, managed, status};

async fn behaviour(provider: VendorId) -> Result<()> {
    let sink = Sink::open().await?;
    let flat = impatient(&provider).await?;
    let mut secrets = vec![flat.rehearsed.managing_key.clone()];
    for (number, fault) in every_fault(&sink).into_iter().enumerate() {
        let told = || format!("{fault:?}");
        let name = format!("Number {number}");
        let key = flows::create_key(&flat.ctx, flat.wanted(&name, &name)).await?;
        let value = flat.value(&name).await?;
        secrets.push(value.clone());
        arm(&flat, Calls::All, &fault);
        let typed = Confirmation { typed_name: Some(name.clone()), managing: false };
        let operation = id(&format!("revoke {number}"));
        let revoke = flows::revoke_key(&flat.ctx, &key, &typed, operation.clone());
        let revoked = bounded(&fault, revoke).await?;
        if let Err(error) = &revoked {
            let known: Vec<_> = secrets.iter().map(String::as_str).collect();
            says_no_secret(error, &known).with_context(told)?;
        }
        bounded(&fault, flat.drive(&operation.0)).await??;
        is_true(&flat, &key, &value).await.with_context(told)?;
        clear(&flat);
        ended(&flat, &operation).await.with_context(told)?;
        is_true(&flat, &key, &value).await.with_context(told)?;
        if flat.works(&value).await? {
            // It was refused as a whole, and can be asked for again.
            ensure!(revoked.is_err(), "{fault:?}: called done, and it works");
            flows::revoke_key(&flat.ctx, &key, &typed, id(&format!("again {number}"))).await?;
            ended(&flat, &id(&format!("again {number}"))).await.with_context(told)?;
        }
        ensure!(!flat.works(&value).await?);
        let open = flat.ctx.ledger.open_operations().await?;
        ensure!(open.is_empty(), "{fault:?}: still open: {open:?}");
    }
    ensure!(sink.reached() == 0, "a key went elsewhere");
    let known: Vec<_> = secrets.iter().map(String::as_str).collect();
    is_sound(&flat, &known).await
}

/// The row does not say that a working key is revoked.
async fn is_true(flat: &Flat, key: &KeyRef, value: &str) -> Result<()> {
    let status = status(flat, key).await?;
    let says_dead = matches!(status, KeyStatus::Revoked { .. });
    ensure!(!(says_dead && flat.works(value).await?), "{status:?}, and the key works");
    Ok(())
}

/// Follows it to its end as the scheduler does.
async fn ended(flat: &Flat, operation: &OperationId) -> Result<()> {
    for _ in 0..40 {
        match flat.drive(&operation.0).await? {
            Wake::OnCall => return Ok(()),
            Wake::At(at) => flat.pass(at - flat.ctx.clock.now() + chrono::TimeDelta::milliseconds(1)),
        }
    }
    bail!("it never ends")
}

#[tokio::test(flavor = "multi_thread")]
async fn n2_n3_n4_s2_s3_r5_no_fault_makes_a_working_key_look_revoked() -> Result<()> {
    side_by_side(managed, behaviour).await
}
