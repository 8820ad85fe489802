//! Values as bytes, for what a record keeps of many and few look at.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value as its postcard: a fifth of the room, and one piece to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed<T>(Box<[u8]>, PhantomData<fn() -> T>);

impl<T: Serialize + DeserializeOwned> Packed<T> {
    /// Packs a value.
    ///
    /// # Panics
    /// Never: numbers, text and lists of them serialise.
    pub fn pack(value: &T) -> Self {
        let bytes = postcard::to_allocvec(value).expect("numbers, text and lists of them serialise");
        Self(bytes.into_boxed_slice(), PhantomData)
    }

    /// The value. `None` where the bytes are of another version of the program.
    pub fn unpack(&self) -> Option<T> {
        postcard::from_bytes(&self.0).ok()
    }

    /// The bytes: equal ones are of equal values.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<T> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de, T> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(deserializer).map(|bytes| Self(bytes.into(), PhantomData))
    }
}
