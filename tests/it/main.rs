//! The whole program from outside, and the rules of the house.

mod common;
mod merge;
mod merge_plans;
mod page_examples;
mod pages;
mod reading;
mod real_plans;
mod tidy;
