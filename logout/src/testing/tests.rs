//! A contract that everybody keeps proves nothing: each claim is broken here once.
