//! The segments of a JPEG up to its first scan, of the kinds that [`super::reduced`] decodes:
//! sequential Huffman coding, 8 bits, one scan. Anything else, and anything odd, is `None`: what
//! becomes of it is decided by the whole decoder.

/// One component: Y, Cb or Cr.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Component {
    pub id: u8,
    /// Sampling factors.
    pub across: usize,
    pub down: usize,
    /// Number of its quantisation table.
    pub quantum: usize,
    /// Numbers of its Huffman tables.
    pub dc: usize,
    pub ac: usize,
}

/// What the segments say.
#[derive(Debug)]
pub(super) struct Header<'a> {
    pub width: usize,
    pub height: usize,
    /// One, or three of Y, Cb, Cr.
    pub components: Vec<Component>,
    /// In zigzag order.
    pub quanta: [Option<[u16; 64]>; 4],
    /// As in the file: 16 counts of codes by length, then the symbols.
    pub dc: [Option<&'a [u8]>; 4],
    pub ac: [Option<&'a [u8]>; 4],
    /// Blocks of pixels between restart markers; 0 for none.
    pub restart: usize,
    /// What the camera noted: a TIFF structure.
    pub exif: Option<&'a [u8]>,
    /// From the scan's first byte to the end of the file.
    pub scan: &'a [u8],
}

/// Reads the segments.
pub(super) fn parse(bytes: &[u8]) -> Option<Header<'_>> {
    let mut rest = bytes.strip_prefix(&[0xFF, 0xD8])?;
    let mut header = Header {
        width: 0,
        height: 0,
        components: Vec::new(),
        quanta: [None; 4],
        dc: [None; 4],
        ac: [None; 4],
        restart: 0,
        exif: None,
        scan: &[],
    };
    loop {
        let (kind, body, after) = segment(rest)?;
        rest = after;
        match kind {
            0xC0 | 0xC1 if header.components.is_empty() => header.frame(body)?,
            0xC4 => header.huffman(body)?,
            0xDB => header.quantum(body)?,
            0xDD => header.restart = usize::from(u16::from_be_bytes(body.try_into().ok()?)),
            0xDA => {
                header.scan(body)?;
                header.scan = rest;
                return Some(header);
            }
            0xE1 if body.starts_with(b"Exif\0\0") => {
                if header.exif.replace(&body[6..]).is_some() {
                    return None;
                }
            }
            // Adobe's: only what is YCbCr by it, too.
            0xEE if body.starts_with(b"Adobe") && body.get(11) != Some(&1) => return None,
            0xE0..=0xEF | 0xFE => {}
            _ => return None,
        }
    }
}

/// The kind of the next segment, its body, and what follows it.
fn segment(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let &[0xFF, kind, high, low] = bytes.first_chunk()? else { return None };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (segment, after) = bytes[2..].split_at_checked(length)?;
    Some((kind, segment.get(2..)?, after))
}

impl<'a> Header<'a> {
    fn frame(&mut self, body: &[u8]) -> Option<()> {
        let (&[8, h0, h1, w0, w1, count], rest) = body.split_first_chunk()? else { return None };
        (self.height, self.width) =
            (u16::from_be_bytes([h0, h1]).into(), u16::from_be_bytes([w0, w1]).into());
        let (components, left) = rest.as_chunks::<3>();
        let whole = matches!(count, 1 | 3) && components.len() == usize::from(count);
        if !whole || !left.is_empty() || self.width * self.height == 0 {
            return None;
        }
        for &[id, sampling, quantum] in components {
            let (across, down) = (usize::from(sampling >> 4), usize::from(sampling & 15));
            if !matches!((across, down), (1 | 2, 1 | 2)) || quantum > 3 {
                return None;
            }
            let quantum = usize::from(quantum);
            self.components.push(Component { id, across, down, quantum, ..Component::default() });
        }
        // Colours by their letters are no Y, Cb and Cr.
        let ids: Vec<u8> = self.components.iter().map(|c| c.id).collect();
        let luma_is_finest = self
            .components
            .iter()
            .all(|c| c.across <= self.components[0].across && c.down <= self.components[0].down);
        (ids != b"RGB" && luma_is_finest).then_some(())
    }

    fn quantum(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&first, rest)) = body.split_first() {
            // Of 8 bits each; number 0 to 3.
            let (table, after) = rest.split_first_chunk::<64>()?;
            *self.quanta.get_mut(usize::from(first))? = Some(table.map(u16::from));
            body = after;
        }
        Some(())
    }

    fn huffman(&mut self, mut body: &'a [u8]) -> Option<()> {
        while let Some((&first, rest)) = body.split_first() {
            let symbols: usize = rest.get(..16)?.iter().map(|n| usize::from(*n)).sum();
            let (table, after) = rest.split_at_checked(16 + symbols)?;
            let tables = if first >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            if first >> 4 > 1 || symbols > 256 {
                return None;
            }
            *tables.get_mut(usize::from(first & 15))? = Some(table);
            body = after;
        }
        Some(())
    }

    /// All components in the order of the frame, all coefficients at once.
    fn scan(&mut self, body: &[u8]) -> Option<()> {
        let (&count, rest) = body.split_first()?;
        let (tables, end) = rest.as_chunks::<2>();
        let count = usize::from(count);
        // An odd byte at the end: 3 bytes follow the tables.
        let all = count == self.components.len() && count > 0 && tables.len() == count + 1;
        if !all || tables[count] != [0, 63] || end != [0] {
            return None;
        }
        for (component, [id, tables]) in self.components.iter_mut().zip(tables) {
            (component.dc, component.ac) = ((tables >> 4).into(), (tables & 15).into());
            if component.id != *id || component.dc > 3 || component.ac > 3 {
                return None;
            }
        }
        Some(())
    }
}
