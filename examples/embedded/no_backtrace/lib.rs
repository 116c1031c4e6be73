//! A walk over the stack that ends before the first frame, in place of libunwind's.
//!
//! The standard library can print a backtrace at every panic, so what reads debug information is part of
//! every program: 180 kilobytes. Where a walk visits no frame the compiler sees that nothing is ever read, and
//! leaves it out. A program that aborts at a panic needs a walk for nothing else.

#![no_std]
#![expect(
    unsafe_code,
    reason = "a function in place of one of C's has to have its name; nothing unsafe is done in it"
)]

use core::ffi::{c_int, c_void};
use core::ptr;

/// What says that there is no further frame (`_URC_END_OF_STACK`, Itanium C++ ABI).
const END_OF_STACK: c_int = 5;

/// Visits no frame.
#[unsafe(no_mangle)]
pub extern "C" fn _Unwind_Backtrace(_visit: *const c_void, _argument: *mut c_void) -> c_int {
    END_OF_STACK
}

// What would be asked about a frame. They are here because libunwind has them in one object file with the
// function above, and would bring that with them.

#[unsafe(no_mangle)]
pub extern "C" fn _Unwind_GetIPInfo(_frame: *mut c_void, _before: *mut c_int) -> usize {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn _Unwind_GetCFA(_frame: *mut c_void) -> usize {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn _Unwind_GetTextRelBase(_frame: *mut c_void) -> usize {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn _Unwind_GetDataRelBase(_frame: *mut c_void) -> usize {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn _Unwind_FindEnclosingFunction(_address: *mut c_void) -> *mut c_void {
    ptr::null_mut()
}
