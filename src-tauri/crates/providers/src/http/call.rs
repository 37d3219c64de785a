//! One request to a vendor, as an adapter describes it. Holds a credential by reference and prints nothing.

use keyturn_core::provider::Fault;
use keyturn_core::secret::Secret;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Method, Request};
use serde::Serialize;
use url::Url;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::{Base, Limit};

/// Where the key stands in a request.
#[derive(Clone, Copy)]
pub(crate) enum Credential<'a> {
    /// In a header of its own, by name.
    Header(&'static str, &'a Secret),
    /// `Authorization: Bearer …`.
    Bearer(&'a Secret),
    /// In the query, by name, percent-encoded.
    Query(&'static str, &'a Secret),
    /// In the JSON body, by name, as the first of its fields.
    Body(&'static str, &'a Secret),
}

/// A request before it is sent; can be sent more than once.
pub(crate) struct Call<'a> {
    method: Method,
    /// Without the credential.
    url: Url,
    loopback: bool,
    credential: Credential<'a>,
    headers: Vec<(HeaderName, HeaderValue)>,
    limits: &'static [Limit],
    body: Option<Zeroizing<Vec<u8>>>,
}

impl<'a> Call<'a> {
    /// `segments` are path segments after the base, in clear; see [`Base::endpoint`].
    ///
    /// # Errors
    /// [`Fault::Address`] when a segment cannot stand in a path.
    pub(crate) fn new(
        method: Method,
        base: &Base,
        segments: &[&str],
        credential: Credential<'a>,
    ) -> Result<Self, Fault> {
        Ok(Self {
            method,
            url: base.endpoint(segments)?,
            loopback: base.is_loopback(),
            credential,
            headers: Vec::new(),
            limits: &[],
            body: None,
        })
    }

    /// One more pair of the query; never a credential.
    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// One more header; never a credential.
    ///
    /// # Errors
    /// [`Fault::Address`] when `value` holds what no header may hold.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Result<Self, Fault> {
        let value = HeaderValue::from_str(value)
            .map_err(|_| Fault::Address(format!("the value for {name} cannot be sent in a header")))?;
        self.headers.push((HeaderName::from_static(name), value));
        Ok(self)
    }

    /// What the vendor lets through with one key.
    pub(crate) fn limited(mut self, limits: &'static [Limit]) -> Self {
        self.limits = limits;
        self
    }

    /// The body, as JSON. `body` may hold a secret: its bytes are zeroized with the call.
    ///
    /// # Errors
    /// [`Fault::Address`] when `body` has no JSON form: nothing was sent.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self, Fault> {
        // Written into one generous piece, because a growing buffer leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
        serde_json::to_writer(&mut *bytes, body).map_err(|_| unformed())?;
        self.body = Some(bytes);
        Ok(self)
    }

    pub(super) fn limits(&self) -> &'static [Limit] {
        self.limits
    }

    pub(super) fn origin(&self) -> url::Origin {
        self.url.origin()
    }

    pub(super) fn secret(&self) -> &'a Secret {
        match self.credential {
            Credential::Header(_, secret)
            | Credential::Bearer(secret)
            | Credential::Query(_, secret)
            | Credential::Body(_, secret) => secret,
        }
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The request with its credential in place.
    ///
    /// # Errors
    /// [`Fault::Address`] when the key holds what a header cannot carry: nothing was sent.
    pub(super) fn request(&self, client: &Client) -> Result<Request, Fault> {
        let mut builder = client.request(self.method.clone(), self.address());
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        match self.credential {
            Credential::Header(name, secret) => {
                // EXPOSE: it goes to the vendor that issued it, in a header marked as sensitive.
                builder = builder.header(name, sensitive(secret.expose())?);
            }
            Credential::Bearer(secret) => {
                // EXPOSE: it goes to the vendor that issued it, in a header marked as sensitive.
                let value = Zeroizing::new(format!("Bearer {}", secret.expose()));
                builder = builder.header(AUTHORIZATION, sensitive(&value)?);
            }
            Credential::Query(..) | Credential::Body(..) => {}
        }
        if let Some(body) = self.content()? {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.to_vec());
        }
        builder.build().map_err(|_| unformed())
    }

    /// The body with its credential, where that is its place.
    fn content(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        let Credential::Body(name, secret) = self.credential else { return Ok(self.body.clone()) };
        let rest = match self.body.as_deref().map(|body| body.split_first()) {
            None => b"}".as_slice(),
            Some(Some((b'{', rest))) => rest,
            Some(_) => return Err(unformed()),
        };
        let mut content = Zeroizing::new(Vec::with_capacity(64 * 1024 + rest.len()));
        content.push(b'{');
        serde_json::to_writer(&mut *content, name).map_err(|_| unformed())?;
        content.push(b':');
        // EXPOSE: this vendor wants it in the body; the bytes are wiped with the request's own copy.
        serde_json::to_writer(&mut *content, secret.expose()).map_err(|_| unformed())?;
        if rest != b"}" {
            content.push(b',');
        }
        content.extend_from_slice(rest);
        Ok(Some(content))
    }

    fn address(&self) -> Url {
        let mut url = self.url.clone();
        if let Credential::Query(name, secret) = self.credential {
            // EXPOSE: this vendor wants it in the query; the URL lives as long as the request and is printed
            // nowhere.
            let encoded: String = byte_serialize(secret.expose().as_bytes()).collect();
            // A form's "+" for a blank is not understood by every server; a real plus is %2B by now.
            let encoded = Zeroizing::new(encoded.replace('+', "%20"));
            let rest = url.query().map(|q| format!("&{q}")).unwrap_or_default();
            url.set_query(Some(&Zeroizing::new(format!("{name}={}{rest}", *encoded))));
        }
        url
    }
}

fn sensitive(value: &str) -> Result<HeaderValue, Fault> {
    let refused = || Fault::Address("the key holds a character that cannot be sent".to_owned());
    if !value.is_ascii() {
        return Err(refused());
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| refused())?;
    value.set_sensitive(true);
    Ok(value)
}

fn unformed() -> Fault {
    Fault::Address("the request could not be formed".to_owned())
}
