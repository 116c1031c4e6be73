logout::logout! {
    struct Joined { adapters: [Slack] ++ [Discord] }
}

logout::logout! {
    struct Second { adapters: [Slack], [Discord] }
}

logout::logout! {
    struct Chained { adapters: [Slack].chain(Discord) }
}

logout::logout! {
    struct Repeated { adapters: [Slack; 2] }
}

logout::logout! {
    struct Typed { adapters: Vec<Slack> }
}

logout::logout! {
    struct Made { adapters: vec![Slack, Discord] }
}

logout::logout! {
    struct Optional { slack: Option<Slack> }
}

logout::logout! {
    struct Behind { adapters: [Slack -> Discord] }
}

fn main() {}
