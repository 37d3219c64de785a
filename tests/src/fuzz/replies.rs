//! What the vendors' pages give as replies: the seeds that mistakes are made in. Every parser is fed with all of
//! them, since a proxy or a wrong address may answer in another vendor's words.

/// Successes and refusals in the words of the five.
pub(super) const REPLIES: [&str; 14] = [
    r#"[{"id":"key-1","name":"CRM","keyPrefix":"nl_live_","keyHint":"e5f6","scopes":["leads:view","campaigns:edit"],"environment":"live","status":"active","expiresAt":null,"createdAt":"2026-01-04T15:30:00Z","lastUsedAt":"2026-02-04T15:30:00.123Z"}]"#,
    r#"{"fullKey":"nl_live_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","apiKey":{"id":"key-1","name":"CRM","keyPrefix":"nl_live_","keyHint":"cdef","scopes":["leads:view"],"environment":"live","status":"active"}}"#,
    r#"{"error":"Forbidden","message":"API key does not have the required scope (requires: leads:view)."}"#,
    r#"{"data":[{"type":"apiKey","id":"apy_1","attributes":{"apiKeyPrefix":"sk_ntl_prod_abcdefghijklmnop","name":"Agent","scopes":["payments.read"],"environment":"prod","status":"ACTIVE","createdAt":"2026-01-04T15:30:00Z","expiresAt":null,"lastUsedAt":null,"revokedAt":null,"createdBy":"usr_1","revokedBy":null},"relationships":{"party":{"data":{"type":"party","id":"pty_1"}}}}],"meta":{"pagination":{"hasMore":true,"nextCursor":"b2xk"}}}"#,
    r#"{"data":{"type":"apiKey","id":"apy_1","attributes":{"apiKey":"sk_ntl_prod_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ","apiKeyPrefix":"sk_ntl_prod_abcdefghijklmnop","name":"Agent","scopes":["payments.read"],"environment":"prod","status":"ACTIVE"}}}"#,
    r#"{"data":{"type":"apiKey","id":"key-1","attributes":{"status":"REVOKED","revokedAt":"2026-01-04T15:30:00Z"}}}"#,
    r#"{"errors":[{"code":"forbidden","detail":"api_keys.create is needed","status":"403","source":{"pointer":"/data"},"meta":{"supportId":"req_1"}}]}"#,
    r#"{"data":[{"id":"key_1","name":"site","prefix":"ndsk_live_","masked":"ndsk_live_…7yQp","scopes":["content:*"],"last_used_at":"2026-01-04T15:30:00+02:00","created_at":"2026-01-04T15:30:00Z"}]}"#,
    r#"{"data":{"id":"key_1","name":"site","secret":"ndsk_live_0123456789abcdefghijABCDEFGHIJxy","masked":"ndsk_live_…IJxy","scopes":["content:*"],"created_at":"2026-01-04T15:30:00Z"}}"#,
    r#"{"type":"about:blank","title":"Conflict","status":409,"code":"key_limit_reached","detail":"This project has 20 active keys.","instance":"req_1"}"#,
    r#"{"ok":true,"data":[{"id":7,"client_id":301,"key_name":"Dashboard","api_key":"cl_live_****cdef","status":"active","created_at":"2026-01-04T15:30:00.000Z"}]}"#,
    r#"{"ok":true,"data":{"id":7,"client_id":301,"key_name":"Dashboard","api_key":"cl_live_0123456789abcdef","status":"active","created_at":"2026-01-04T15:30:00.000Z"}}"#,
    r#"{"success":false,"error":{"code":"UNAUTHORIZED","message":"Invalid or missing API key"}}"#,
    r#"{"error":{"code":"RATE_LIMIT_EXCEEDED","message":"Too many requests","retry_after":30}}"#,
];

/// Statuses as often as they are worth trying: most replies claim to be a success.
pub(super) const STATUSES: [u16; 20] =
    [200, 200, 200, 200, 200, 200, 201, 201, 201, 204, 400, 401, 401, 402, 403, 403, 404, 409, 422, 428];

/// Texts that were found to hurt somebody.
pub(super) const TEXTS: [&str; 24] = [
    "",
    " ",
    ".",
    "..",
    "null",
    "\u{0}",
    "\u{1b}[31m",
    "\u{202e}gpj",
    "👩‍💻",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "9999-12-31T23:59:60Z",
    "-262144-01-01T00:00:00Z",
    "2026-01-04T15:30:00+99:99",
    "+262142-12-31T23:59:59.999Z",
    "10000-01-01T00:00:00Z",
    "8210266876799999",
    "-9223372036854775808",
    "nl_live_c\u{e4}n\u{e4}ry",
    "ndsk_live_\u{e4}\u{e4}\u{e4}\u{1f511}",
    "sk_ntl_prod_\u{e4}\u{1f511}abcdefghijklmn",
    "cl_live_\u{1f511}\u{e4}\u{20ac}",
    "(requires: ",
    super::CANARY,
];
