//! The whole program from outside, and the rules of the house.

mod common;
mod pages;
mod real_plans;
mod tidy;
