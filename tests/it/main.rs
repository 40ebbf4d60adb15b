mod merge;
mod pages;
