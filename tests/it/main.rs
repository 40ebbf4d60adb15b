mod merge;
mod pages;
mod reading;
