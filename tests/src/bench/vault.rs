//! A database for KeePassXC, in the XML that its own importer reads.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// No question on the first start, and nothing but the list.
pub const SETTINGS: &str = "[General]\nConfigVersion=2\nUpdateCheckMessageShown=true\n\n\
                            [GUI]\nCheckForUpdates=false\nHidePreviewPanel=true\n";

/// As on the plain page, so that a search finds as many.
const KINDS: [&str; 5] =
    ["CRM integration", "Zapier lead import", "Warehouse export", "Support desk", "Campaign launcher"];

/// `entries` entries that look like API keys, in one group.
#[must_use]
pub fn xml(entries: usize) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><KeePassFile><Meta><Generator>bench</Generator></Meta>\
         <Root><Group><UUID>{}</UUID><Name>Keys</Name>",
        uuid(u64::MAX)
    );
    for (number, kind) in (0..entries as u64).zip(KINDS.iter().cycle()) {
        // Writing to a String cannot fail.
        let _ = write!(
            xml,
            "<Entry><UUID>{}</UUID>\
             <String><Key>Title</Key><Value>{number:05} {kind}</Value></String>\
             <String><Key>UserName</Key><Value>ana@rehearsal.example</Value></String>\
             <String><Key>Password</Key><Value ProtectInMemory=\"True\">nl_live_{number:032}</Value></String>\
             </Entry>",
            uuid(number)
        );
    }
    xml.push_str("</Group></Root></KeePassFile>");
    xml
}

/// Sixteen bytes, different for each number.
fn uuid(number: u64) -> String {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    STANDARD.encode(bytes)
}
