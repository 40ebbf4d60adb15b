//! The whole program from outside, and the rules of the house.

mod common;
mod merge;
mod merge_plans;
mod pages;
mod reading;
mod tidy;
