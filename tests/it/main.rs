//! The whole program from outside, and the rules of the house.

mod common;
mod merge;
mod pages;
mod reading;
mod tidy;
