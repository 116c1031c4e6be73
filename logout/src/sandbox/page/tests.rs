//! Who may ask the page, and what it is told.
