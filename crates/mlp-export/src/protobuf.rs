//! The wire format of Protocol Buffers, as far as an ONNX file needs it: messages, strings, bytes, integers, `f32`.
//!
//! Only writing, and no schema: the caller names the field numbers.
//! Source: <https://protobuf.dev/programming-guides/encoding/>.

/// A message that is being written.
#[derive(Debug, Default)]
pub(crate) struct Message {
    bytes: Vec<u8>,
}

/// How a field's value is laid out.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Length = 2,
    Fixed32 = 5,
}

impl Message {
    /// Empty.
    pub(crate) fn new() -> Message {
        Message::default()
    }

    /// An integer that is not negative.
    pub(crate) fn int(mut self, field: u32, value: u64) -> Message {
        self.key(field, Wire::Varint);
        self.varint(value);
        self
    }

    /// An `f32`.
    pub(crate) fn float(mut self, field: u32, value: f32) -> Message {
        self.key(field, Wire::Fixed32);
        self.bytes.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// A string.
    pub(crate) fn text(self, field: u32, value: &str) -> Message {
        self.raw(field, value.as_bytes())
    }

    /// Bytes.
    pub(crate) fn raw(mut self, field: u32, value: &[u8]) -> Message {
        self.key(field, Wire::Length);
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
        self
    }

    /// A message inside this one.
    pub(crate) fn message(self, field: u32, value: &Message) -> Message {
        self.raw(field, &value.bytes)
    }

    /// Several messages under one field number.
    pub(crate) fn messages(self, field: u32, values: &[Message]) -> Message {
        values.iter().fold(self, |message, value| message.message(field, value))
    }

    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn key(&mut self, field: u32, wire: Wire) {
        self.varint(u64::from(field) << 3 | wire as u64);
    }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_specification() {
        // From the page named above: 150 in field 1, "testing" in field 2, and the first of them inside field 3.
        let inner = Message::new().int(1, 150);
        assert_eq!(inner.bytes, [0x08, 0x96, 0x01]);
        let text = Message::new().text(2, "testing").into_bytes();
        assert_eq!(text, [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
        assert_eq!(Message::new().message(3, &inner).into_bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
    }

    #[test]
    fn the_widest_values() {
        let widest = Message::new().int(1, u64::MAX).into_bytes();
        assert_eq!(widest, [&[0x08], [0xff; 9].as_slice(), &[0x01]].concat());
        assert_eq!(Message::new().float(16, 1.0).into_bytes(), [0x85, 0x01, 0, 0, 0x80, 0x3f]);
    }
}
