//! The flows against the real ledger, vault, adapter and authority, with replies lost on purpose.

use anyhow::Result;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice, Confirmation, Recovered};
use keyturn_core::journal::{Action, Outcome};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::operation::{Intent, Operation, OperationId, Stage};
use keyturn_core::ports::VaultError;
use keyturn_core::provider::Paging;
use keyturn_tests::authority::use_key;
use keyturn_tests::cutter::CUTS;
use keyturn_tests::flat::Flat;
use reqwest::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn a_created_key_works_and_waits_until_it_is_acknowledged() -> Result<()> {
    let flat = Flat::new().await?;
    let key = flows::create_key(&flat.ctx, flat.wanted("one", "Fresh")).await?;
    let waiting = flows::escrows(&flat.ctx).await?;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].key, key);
    assert!(waiting[0].differences.is_empty(), "{:?}", waiting[0].differences);
    let (_, secret) = flows::take_for(&flat.ctx, &OperationId("one".into()), Action::Copy).await?;
    // EXPOSE: the test uses the key at the authority.
    assert_eq!(use_key(&flat.rehearsed.authority.base_url(), secret.expose()).await?, StatusCode::OK);
    flows::acknowledge(&flat.ctx, &OperationId("one".into())).await?;
    assert!(flows::escrows(&flat.ctx).await?.is_empty());
    let gone = flows::take_for(&flat.ctx, &OperationId("one".into()), Action::Copy).await;
    assert!(matches!(gone, Err(FlowError::NotFound(_))), "an acknowledged secret is destroyed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_lost_reply_on_create_leaves_one_key_and_no_orphan() -> Result<()> {
    let flat = Flat::new().await?;
    for round in 0..5 {
        for cut in CUTS {
            let name = format!("Lost {round} {cut:?}");
            flat.cutter.cut_next("POST /api/api-keys ", cut);
            let (key, value) = flat.make(&name, &name).await?;
            assert_eq!(flat.live_at_vendor(&name).await?, 1, "{name}: exactly one lives at the vendor");
            assert_eq!(use_key(&flat.rehearsed.authority.base_url(), &value).await?, StatusCode::OK);
            flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
            let listed = flat.ctx.ledger.keys(&flat.account.id).await?;
            let live: Vec<_> =
                listed.iter().filter(|k| k.name == name && k.status == KeyStatus::Active).collect();
            assert_eq!(live.len(), 1, "{name}: the ledger agrees");
            assert_eq!(live[0].id, key.key);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_an_intent_without_an_end_is_settled_at_the_next_start() -> Result<()> {
    let flat = Flat::new().await?;
    // The process died after the request left: the intent is on disk, the key is at the vendor.
    let intended = flat.wanted("died", "Died in between");
    let grant = keyturn_core::grant::Grant {
        name: intended.name.clone(),
        environment: intended.environment.clone(),
        scopes: intended.scopes.clone(),
        expires_at: None,
    };
    let known = flat.ctx.ledger.keys(&flat.account.id).await?.into_iter().map(|key| key.id).collect();
    let operation = Operation {
        id: intended.operation.clone(),
        account: flat.account.id.clone(),
        intent: Intent::Create { grant, known },
        stage: Stage::Sent,
        started_at: flat.ctx.clock.now(),
    };
    let entry = keyturn_core::journal::Entry {
        at: flat.ctx.clock.now(),
        account: flat.account.id.clone(),
        key: None,
        action: Action::Create,
        outcome: Outcome::Intended,
        reason: None,
        fingerprint: None,
    };
    flat.ctx.ledger.begin(&operation, None, &entry).await?;
    let made = keyturn_tests::authority::client()?
        .post(format!("{}/api/api-keys", flat.rehearsed.authority.base_url()))
        .header("X-API-Key", &flat.rehearsed.managing_key)
        .json(&serde_json::json!({ "name": "Died in between", "scopes": ["leads:view"], "environment": "live" }))
        .send()
        .await?;
    assert!(made.status().is_success());

    let recovered = flows::recover(&flat.ctx).await?;
    assert_eq!(recovered, [Recovered::OrphanRevoked { name: "Died in between".into() }]);
    assert_eq!(flat.live_at_vendor("Died in between").await?, 0, "no orphan is left");
    assert!(flows::recover(&flat.ctx).await?.is_empty(), "settled once and for all");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r3_an_atomic_rotation_whose_reply_is_lost_says_so_and_offers_to_rotate_again() -> Result<()> {
    let flat = Flat::new().await?;
    for cut in CUTS {
        let name = format!("Rotated {cut:?}");
        let (key, old) = flat.make(&format!("make {name}"), &name).await?;
        flat.cutter.cut_next("POST /api/api-keys/", cut);
        let lost = flat.rotate(&key, Choice::Atomic, &format!("lost {name}")).await;
        assert!(matches!(lost, Err(FlowError::Doubt(_))), "{lost:?}");
        assert!(lost.unwrap_err().to_string().contains("rotate the new key again"));
        let base = flat.rehearsed.authority.base_url();
        assert_eq!(use_key(&base, &old).await?, StatusCode::UNAUTHORIZED);

        let orphan = flat
            .ctx
            .ledger
            .keys(&flat.account.id)
            .await?
            .into_iter()
            .find(|k| k.name == name && k.status == KeyStatus::Orphan);
        let orphan =
            KeyRef { account: flat.account.id.clone(), key: orphan.expect("the successor is marked").id };
        let again = OperationId(format!("again {name}"));
        flat.rotate(&orphan, Choice::Atomic, &again.0).await?;
        let (_, secret) = flows::take_for(&flat.ctx, &again, Action::Copy).await?;
        // EXPOSE: the test uses the key at the authority.
        assert_eq!(use_key(&base, secret.expose()).await?, StatusCode::OK);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_vault_write_revokes_the_new_key() -> Result<()> {
    let flat = Flat::new().await?;
    flat.refusing.refuse_to_seal(Some(VaultError::NoKeyring));
    let refused = flows::create_key(&flat.ctx, flat.wanted("refused", "Never kept")).await;
    assert!(matches!(refused, Err(FlowError::RevokedAgain { .. })), "{refused:?}");
    assert_eq!(flat.live_at_vendor("Never kept").await?, 0);
    assert!(flows::escrows(&flat.ctx).await?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nl15_a_failed_rotation_leaves_the_old_key_valid() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, value) = flat.make("one", "Stays").await?;
    let gone =
        KeyRef { account: key.account.clone(), key: keyturn_core::key::VendorKeyId("no-such-key".into()) };
    assert!(flat.rotate(&gone, Choice::Atomic, "two").await.is_err());
    assert_eq!(use_key(&flat.rehearsed.authority.base_url(), &value).await?, StatusCode::OK);
    let successor = flat.rotate(&key, Choice::Atomic, "three").await?;
    assert_eq!(use_key(&flat.rehearsed.authority.base_url(), &value).await?, StatusCode::UNAUTHORIZED);
    assert_eq!(flat.live_at_vendor("Stays").await?, 1, "never both, never neither");
    assert_ne!(successor, key);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nl16_a_live_key_is_not_deleted_and_a_revoked_one_is() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("one", "To be deleted").await?;
    let refused = flows::delete_key(&flat.ctx, &key, false).await;
    assert!(
        matches!(&refused, Err(FlowError::NotAllowed(why)) if why.contains("Revoke it first")),
        "{refused:?}"
    );
    let untyped = flat.revoke(&key, &Confirmation::default()).await;
    assert!(matches!(untyped, Err(FlowError::NotAllowed(_))), "a live key's name is typed");
    let typed = Confirmation { typed_name: Some("To be deleted".into()), managing: false };
    flat.revoke(&key, &typed).await?;
    let again = flat.revoke(&key, &typed).await;
    assert!(matches!(again, Err(FlowError::NotAllowed(_))), "nl14: revoked is for good");
    flows::delete_key(&flat.ctx, &key, false).await?;
    assert!(flat.ctx.ledger.key(&key).await?.is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nl19_a_scope_that_the_role_may_not_grant_is_remembered() -> Result<()> {
    let flat = Flat::with(keyturn_authority::Role::Restricted).await?;
    let mut wanted = flat.wanted("one", "Too much");
    wanted.scopes = vec![keyturn_core::key::Scope("campaigns:delete".into())];
    assert!(flows::create_key(&flat.ctx, wanted).await.is_err());
    let account = flat.ctx.ledger.accounts().await?.remove(0);
    assert_eq!(account.refused_scopes[0].scope.0, "campaigns:delete");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nl26_what_changed_outside_is_seen_and_marked() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("one", "Revoked elsewhere").await?;
    flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
    let revoked = keyturn_tests::authority::client()?
        .patch(format!("{}/api/api-keys/{}/revoke", flat.rehearsed.authority.base_url(), key.key.0))
        .header("X-API-Key", &flat.rehearsed.managing_key)
        .send()
        .await?;
    assert!(revoked.status().is_success());
    flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
    let rows = flat.ctx.ledger.inventory_rows().await?;
    let row = rows.iter().find(|row| row.record.id == key.key).expect("listed");
    assert!(matches!(row.record.status, KeyStatus::Revoked { .. }));
    assert!(row.changed_outside.is_some(), "it is shown as changed outside Keyturn");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_managing_key_needs_a_second_yes() -> Result<()> {
    let flat = Flat::new().await?;
    let own =
        flat.account.managing.clone().and_then(|managing| managing.key).expect("recognised in the list");
    let key = KeyRef { account: flat.account.id.clone(), key: own };
    let name = flat.ctx.ledger.key(&key).await?.expect("listed").name;
    let once = Confirmation { typed_name: Some(name.clone()), managing: false };
    let refused = flat.revoke(&key, &once).await;
    assert!(
        matches!(&refused, Err(FlowError::NotAllowed(why)) if why.contains("manages the account")),
        "{refused:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r3_the_managing_key_is_never_rotated_in_the_one_call_that_is_made_with_it() -> Result<()> {
    let flat = Flat::new().await?;
    let own = flat.account.managing.clone().and_then(|managing| managing.key).expect("recognised");
    let key = KeyRef { account: flat.account.id.clone(), key: own };
    let refused = flat.rotate(&key, Choice::Atomic, "managing").await;
    assert!(matches!(&refused, Err(FlowError::NotAllowed(why)) if why.contains("none left")), "{refused:?}");
    let plan = flows::plan_rotation(&flat.ctx, &key).await?;
    let offered =
        |choice| plan.offers.iter().find(|offer| offer.choice == choice).map(|o| o.permit.is_allowed());
    assert_eq!((offered(Choice::Atomic), offered(Choice::Now)), (Some(false), Some(true)));
    flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn d4_every_side_effect_has_its_journal_record_first() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("one", "Journalled").await?;
    let typed = Confirmation { typed_name: Some("Journalled".into()), managing: false };
    flat.revoke(&key, &typed).await?;
    let history = flat.ctx.ledger.history(&key, 100).await?;
    let words: Vec<_> =
        history.iter().rev().map(|e| (e.action, matches!(e.outcome, Outcome::Intended))).collect();
    let revoke = words.iter().position(|w| *w == (Action::Revoke, true)).expect("the intent is journalled");
    assert_eq!(words[revoke + 1], (Action::Revoke, false), "and then what was seen: {words:?}");
    Ok(())
}

/// A vendor that sends every request elsewhere, and the place it sends them to.
#[tokio::test(flavor = "multi_thread")]
async fn s3_no_request_reaches_another_host_or_port() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("before", "Before the redirects").await?;
    let sink = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let elsewhere = sink.local_addr()?;
    let reached = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&reached);
    tokio::spawn(async move {
        while sink.accept().await.is_ok() {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    for status in [301, 302, 303, 307, 308] {
        for host in [elsewhere.to_string(), format!("localhost:{}", elsewhere.port())] {
            let template = wiremock::ResponseTemplate::new(status)
                .insert_header("Location", format!("http://{host}/api/api-keys").as_str());
            let vendor = wiremock::MockServer::start().await;
            wiremock::Mock::given(wiremock::matchers::any()).respond_with(template).mount(&vendor).await;
            flows::reconnect(&flat.ctx, &flat.account.id, &vendor.uri()).await?;
            let operation = format!("{status} {host}");
            assert!(flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await.is_err());
            assert!(flows::create_key(&flat.ctx, flat.wanted(&operation, &operation)).await.is_err());
            let typed = Confirmation { typed_name: Some("Before the redirects".into()), managing: false };
            assert!(flat.revoke(&key, &typed).await.is_err());
            assert!(!vendor.received_requests().await.unwrap_or_default().is_empty(), "the vendor was asked");
        }
    }
    assert_eq!(reached.load(std::sync::atomic::Ordering::SeqCst), 0, "a key went to the sink");
    Ok(())
}
