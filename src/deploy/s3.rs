//! A bucket of S3, or of a store that speaks like it.
//!
//! Credentials are found as other tools find them: variables such as `AWS_ACCESS_KEY_ID`, then `~/.aws/credentials`, then
//! what the machine is given. They are never seen here.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use hyper::{Request, Response, StatusCode, header};
use opendal::{Buffer, ErrorKind, HttpBody, HttpTransport, HttpTransporter, OperationContext, Operator, services};
use tokio::io::AsyncReadExt;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use super::local::Local;
use super::manifest::SiteFile;
use super::patience::Patience;
use super::secrets::redacted;
use super::store::{Failure, Over, Place, Store};
use crate::config::deploy::Bucket;
use crate::diagnostic::io::reason;
use crate::hash::StreamHasher;

/// Requests at once.
const AT_ONCE: usize = 16;
/// Larger files are sent in parts of this many bytes, one at a time. At least 5 MiB (S3).
const PART: usize = 8 << 20;
/// Bytes of files that are in memory at once.
const MEMORY: usize = 64 << 20;
/// The slowest connection that is waited for, in bytes a second.
const SLOWEST: u64 = 20 << 10;
/// What an answer may take beside its bytes.
const ANSWER: Duration = Duration::from_secs(60);

/// The bucket.
#[derive(Debug)]
pub struct S3 {
    operator: Operator,
    runtime: Runtime,
    bucket: String,
}

impl S3 {
    /// The bucket that the settings name. Nothing is asked of it yet.
    ///
    /// # Errors
    /// Settings that make no address.
    pub fn open(bucket: &Bucket) -> Result<Self, String> {
        opendal::install_default();
        let mut builder = services::S3::default().bucket(&bucket.name).root(&format!("/{}", bucket.prefix));
        let environment = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(|name| std::env::var(name).ok());
        // Other stores than AWS have no use for it, and take this one.
        let other = bucket.endpoint.as_ref().map(|_| "us-east-1".to_owned());
        let region = bucket.region.clone().or(environment).or(other);
        builder = builder.region(&region.ok_or("it needs a `region`, such as `region = \"eu-central-1\"`")?);
        if let Some(endpoint) = &bucket.endpoint {
            builder = builder.endpoint(endpoint.trim_end_matches('/'));
        }
        if !bucket.path_style {
            builder = builder.enable_virtual_host_style();
        }
        let context = OperationContext::new().with_http_transport(HttpTransporter::new(Patient::default()));
        let operator = Operator::new(builder).map_err(|error| words(&error))?.with_context(context);
        let runtime = Runtime::new().map_err(|error| reason(&error))?;
        Ok(Self { operator, runtime, bucket: bucket.name.clone() })
    }

    async fn read_one(&self, file: &str) -> Result<Option<Vec<u8>>, String> {
        match self.operator.read(file).await {
            Ok(buffer) => Ok(Some(buffer.to_vec())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.words(&error)),
        }
    }

    async fn send_one(&self, local: &Local, file: &SiteFile) -> Result<(), String> {
        let (kind, cache) = (file.kind.as_str(), file.cache.as_str());
        if file.size <= PART as u64 {
            let bytes = local.read(file)?;
            let sent = self.operator.write_with(&file.file, bytes).content_type(kind).cache_control(cache).await;
            return sent.map(|_| ()).map_err(|error| self.words(&error));
        }
        let mut source = tokio::fs::File::open(local.path(file)).await.map_err(|error| reason(&error))?;
        let writer = self.operator.writer_with(&file.file).chunk(PART).content_type(kind).cache_control(cache);
        let mut writer = writer.await.map_err(|error| self.words(&error))?;
        let mut hasher = StreamHasher::new();
        let outcome = async {
            loop {
                let mut part = Vec::with_capacity(PART);
                (&mut source).take(PART as u64).read_to_end(&mut part).await.map_err(|error| reason(&error))?;
                if part.is_empty() {
                    break;
                }
                hasher.update(&part);
                writer.write(part).await.map_err(|error| self.words(&error))?;
            }
            if hasher.finish() == file.hash { Ok(()) } else { Err("it was changed while the deploy ran".to_owned()) }
        };
        match outcome.await {
            Ok(()) => writer.close().await.map(|_| ()).map_err(|error| self.words(&error)),
            Err(why) => {
                // The store forgets the parts in time, too.
                _ = writer.abort().await;
                Err(why)
            }
        }
    }

    fn words(&self, error: &opendal::Error) -> String {
        if error.kind() == ErrorKind::ConfigInvalid && error.message().contains("NoSuchBucket") {
            return format!("there is no bucket `{}`", self.bucket);
        }
        words(error)
    }
}

impl Place for S3 {
    fn read(&self, files: &[&str]) -> Result<Vec<Option<Vec<u8>>>, String> {
        self.runtime.block_on(async {
            let found: Vec<_> = stream::iter(files).map(|file| self.read_one(file)).buffered(AT_ONCE).collect().await;
            found.into_iter().collect()
        })
    }

    fn is_empty(&self) -> Result<bool, String> {
        self.runtime.block_on(async {
            let mut lister = self.operator.lister_with("").limit(2).await.map_err(|error| self.words(&error))?;
            while let Some(entry) = lister.next().await {
                // The folder itself may be listed.
                if !matches!(entry.map_err(|error| self.words(&error))?.path(), "" | "/") {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }
}

impl Store for S3 {
    fn put(&self, file: &str, bytes: &[u8], over: Over) -> Result<(), String> {
        self.runtime.block_on(async {
            let writing = self.operator.write_with(file, bytes.to_vec()).content_type("application/octet-stream");
            let writing = writing.cache_control("no-store").if_not_exists(over == Over::Refused);
            match writing.await {
                Ok(_) => Ok(()),
                Err(error) if over == Over::Refused && is_there(&error) => Ok(()),
                Err(error) => Err(self.words(&error)),
            }
        })
    }

    fn send(&self, local: &Local, files: &[&SiteFile], arrived: &(dyn Fn(&SiteFile) + Sync)) -> Vec<Failure> {
        let memory = Semaphore::new(MEMORY);
        let failures = Mutex::new(Vec::new());
        let send = |file: &SiteFile| {
            let (memory, failures, file) = (&memory, &failures, file.clone());
            async move {
                // What is sent in parts has one being filled and one on its way.
                let needed = usize::try_from(file.size).unwrap_or(usize::MAX).min(2 * PART);
                let _room = memory.acquire_many(u32::try_from(needed).unwrap_or(0)).await;
                match self.send_one(local, &file).await {
                    Ok(()) => arrived(&file),
                    Err(why) => {
                        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                        failures.push(Failure { file: file.file.clone(), why });
                    }
                }
            }
        };
        self.runtime.block_on(stream::iter(files).for_each_concurrent(AT_ONCE, |file| send(file)));
        failures.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn delete(&self, files: &[&str]) -> Vec<Failure> {
        self.runtime.block_on(async {
            let failed =
                |why: String| files.iter().map(move |file| Failure { file: (*file).to_owned(), why: why.clone() });
            let deleted = self.operator.delete_iter(files.iter().map(|file| (*file).to_owned())).await;
            deleted.err().map(|error| self.words(&error)).into_iter().flat_map(failed).collect()
        })
    }
}

/// Whether a file was not written because it is there.
fn is_there(error: &opendal::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConditionNotMatch | ErrorKind::AlreadyExists)
}

/// What is wrong, in words without addresses, headers and credentials.
fn words(error: &opendal::Error) -> String {
    // The store's own name for it, such as `SignatureDoesNotMatch`.
    let code = error.message().split("code: \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let code = if code.chars().all(|c| c.is_ascii_alphanumeric()) { code } else { "" };
    let mut source = std::error::Error::source(error);
    let mut cause = String::new();
    while let Some(inner) = source {
        cause = inner.to_string();
        source = inner.source();
    }
    let is_of_credentials = |text: &str| text.to_ascii_lowercase().contains("credential");
    if code.is_empty() && (is_of_credentials(&cause) || is_of_credentials(error.message())) {
        let where_to = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE for ~/.aws/credentials";
        return format!("no credentials were found, or they are no longer good: {where_to}");
    }
    let what = match error.kind() {
        ErrorKind::PermissionDenied => "the store refuses the credentials, or what they are used for",
        ErrorKind::RateLimited => "the store asks to slow down, time and again",
        ErrorKind::NotFound => "there is no such bucket or file",
        ErrorKind::ConfigInvalid => "the settings or the credentials are not complete",
        _ if error.is_temporary() || error.is_persistent() => "the store does not answer as it should, time and again",
        _ => "the store answers with an error",
    };
    let cause = if cause.is_empty() && code.is_empty() { error.message() } else { cause.as_str() };
    let details: Vec<&str> = [code, cause].into_iter().filter(|detail| !detail.is_empty()).collect();
    redacted(&format!("{what} ({})", details.join(": ")))
}

/// Sends requests again that failed for a passing reason: a store that is busy, a connection that is cut.
///
/// All answers are small, and read to their ends here, so that one which is cut counts as well. `Retry-After` is kept
/// (RFC 9110 §10.2.3, in seconds).
#[derive(Debug, Clone, Default)]
struct Patient {
    inner: HttpTransporter,
}

impl HttpTransport for Patient {
    async fn fetch(&self, request: Request<Buffer>) -> opendal::Result<Response<HttpBody>> {
        let (parts, body) = request.into_parts();
        // The address at which a machine of some clouds is told who it is: elsewhere nobody answers.
        let is_nearby = parts.uri.host() == Some("169.254.169.254");
        let limit =
            if is_nearby { Duration::from_secs(2) } else { ANSWER + Duration::from_secs(body.len() as u64 / SLOWEST) };
        let mut patience = Patience::new();
        loop {
            let request = Request::from_parts(parts.clone(), body.clone());
            let late = || opendal::Error::new(ErrorKind::Unexpected, "no answer in time").set_temporary();
            let answer = tokio::time::timeout(limit, self.whole(request)).await.unwrap_or_else(|_| Err(late()));
            let (is_passing, asked) = match &answer {
                Ok(response) => (is_busy(response.status()), asked_pause(response)),
                Err(error) => (error.is_temporary(), None),
            };
            match patience.next(asked).filter(|_| is_passing && !is_nearby) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => {
                    let once = |buffer| HttpBody::new(stream::iter([Ok(buffer)]), None);
                    return answer.map(|response| response.map(once));
                }
            }
        }
    }
}

impl Patient {
    async fn whole(&self, request: Request<Buffer>) -> opendal::Result<Response<Buffer>> {
        let (parts, mut body) = self.inner.fetch(request).await?.into_parts();
        Ok(Response::from_parts(parts, body.to_buffer().await?))
    }
}

fn is_busy(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

fn asked_pause<T>(response: &Response<T>) -> Option<Duration> {
    let value = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}
