//! Tests of the room as a whole: what one file can test alone stands in that file.

mod changes;
mod damage;
mod make;
mod queries;
mod schema;
mod side;
