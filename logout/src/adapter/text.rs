//! Cutting and escaping that several platforms share.
