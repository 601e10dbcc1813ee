//! One self-contained HTML page: what it is made of. How it is written: `html`; how it looks: `style`; tables: `table`;
//! running text: `words`.

mod html;
mod style;
mod table;
mod words;

pub use table::Table;
pub use words::Text;

use crate::{Raster, Svg};

/// A page of sections. Everything that comes as text is escaped.
#[derive(Clone, Debug, Default)]
pub struct Page {
    title: String,
    lead: Vec<Text>,
    sections: Vec<Section>,
    footer: Option<Text>,
    numbered: bool,
}

impl Page {
    /// An empty page.
    pub fn new(title: impl Into<String>) -> Page {
        Page { title: title.into(), ..Page::default() }
    }

    /// Counts its sections in their titles, as the table of contents does.
    pub fn numbered(mut self) -> Page {
        self.numbered = true;
        self
    }

    /// A paragraph below the title, above the table of contents.
    pub fn lead(&mut self, text: impl Into<Text>) -> &mut Page {
        self.lead.push(text.into());
        self
    }

    /// A section after the others; sections with nothing in them are left out.
    pub fn section(&mut self, section: Section) -> &mut Page {
        if !section.blocks.is_empty() {
            self.sections.push(section);
        }
        self
    }

    /// The last line.
    pub fn footer(&mut self, text: impl Into<Text>) -> &mut Page {
        self.footer = Some(text.into());
        self
    }

    /// The sections so far.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// All figures, each with the title of its section.
    pub fn figures(&self) -> impl Iterator<Item = (&str, &Svg)> {
        self.sections.iter().flat_map(|section| {
            let figures = section.blocks.iter().filter_map(|block| match block {
                Block::Figures(figures) => Some(figures),
                _ => None,
            });
            figures.flatten().map(|(svg, _)| (section.title.as_str(), svg))
        })
    }

    /// The file: one document without scripts that asks the network for nothing.
    pub fn html(&self) -> String {
        html::document(self)
    }
}

/// A part of a page with a title, which the table of contents lists.
#[derive(Clone, Debug, Default)]
pub struct Section {
    title: String,
    blocks: Vec<Block>,
}

/// A figure that matters: what, how much, and a word to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Such as `accuracy`.
    pub name: String,
    /// Such as `97.8 %`.
    pub value: String,
    /// Such as its interval; may be empty.
    pub note: String,
}

/// A small picture with words below.
#[derive(Clone, Debug)]
pub struct Thumbnail {
    /// The picture.
    pub picture: Raster,
    /// What it shows, for readers who do not see it.
    pub alternative: String,
    /// Lines below it; the first is strong.
    pub lines: Vec<String>,
    /// `Some(false)` marks it as wrong, `Some(true)` as right.
    pub right: Option<bool>,
}

/// What a section is made of.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Heading(String),
    Paragraph(Text),
    List(Vec<Text>),
    Note(Text),
    Code(String),
    Facts(Vec<Fact>),
    /// Side by side where there is room, each with its caption.
    Figures(Vec<(Svg, Text)>),
    Table(Table),
    Thumbnails(Vec<Thumbnail>),
    /// Closed until the reader opens it.
    Details(String, Vec<Block>),
}

impl Section {
    /// An empty section.
    pub fn new(title: impl Into<String>) -> Section {
        Section { title: title.into(), blocks: Vec::new() }
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// A title inside of the section.
    pub fn heading(&mut self, words: impl Into<String>) -> &mut Section {
        self.push(Block::Heading(words.into()))
    }

    /// A paragraph.
    pub fn text(&mut self, text: impl Into<Text>) -> &mut Section {
        self.push(Block::Paragraph(text.into()))
    }

    /// A list with dots.
    pub fn list<T: Into<Text>>(&mut self, items: impl IntoIterator<Item = T>) -> &mut Section {
        self.push(Block::List(items.into_iter().map(Into::into).collect()))
    }

    /// A paragraph set off from the others.
    pub fn note(&mut self, text: impl Into<Text>) -> &mut Section {
        self.push(Block::Note(text.into()))
    }

    /// Lines as they stand, in letters of one width.
    pub fn code(&mut self, text: impl Into<String>) -> &mut Section {
        self.push(Block::Code(text.into()))
    }

    /// Figures that matter, large.
    pub fn facts(&mut self, facts: impl IntoIterator<Item = Fact>) -> &mut Section {
        self.push(Block::Facts(facts.into_iter().collect()))
    }

    /// A picture with its caption. An empty caption is the picture's title.
    pub fn figure(&mut self, svg: Svg, caption: impl Into<Text>) -> &mut Section {
        self.figures([(svg, caption.into())])
    }

    /// Pictures side by side where there is room.
    pub fn figures<T: Into<Text>>(
        &mut self,
        figures: impl IntoIterator<Item = (Svg, T)>,
    ) -> &mut Section {
        let figures: Vec<(Svg, Text)> =
            figures.into_iter().map(|(svg, text)| (svg, text.into())).collect();
        match figures.is_empty() {
            true => self,
            false => self.push(Block::Figures(figures)),
        }
    }

    /// A table.
    pub fn table(&mut self, table: Table) -> &mut Section {
        self.push(Block::Table(table))
    }

    /// Small pictures in rows.
    pub fn thumbnails(&mut self, pictures: impl IntoIterator<Item = Thumbnail>) -> &mut Section {
        self.push(Block::Thumbnails(pictures.into_iter().collect()))
    }

    /// What another section holds, closed until the reader opens it; its title is what there is to click on.
    pub fn details(&mut self, inner: Section) -> &mut Section {
        self.push(Block::Details(inner.title, inner.blocks))
    }

    /// What another section holds, after its title as a heading.
    pub fn part(&mut self, inner: Section) -> &mut Section {
        self.heading(inner.title);
        self.blocks.extend(inner.blocks);
        self
    }

    fn push(&mut self, block: Block) -> &mut Section {
        self.blocks.push(block);
        self
    }
}

impl Fact {
    /// A figure without a note.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Fact {
        Fact { name: name.into(), value: value.into(), note: String::new() }
    }

    /// With a note.
    pub fn note(mut self, note: impl Into<String>) -> Fact {
        self.note = note.into();
        self
    }
}
