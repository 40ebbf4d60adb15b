mod peers;
mod round_trip;
