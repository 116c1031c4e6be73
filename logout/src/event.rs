//! An event as it crosses from the program's thread to the worker.
