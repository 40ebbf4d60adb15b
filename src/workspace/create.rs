/// placeholder
#[derive(Clone, Debug)]
pub struct NewSession;
