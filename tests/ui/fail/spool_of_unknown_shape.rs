logout::logout! {
    struct Number { spool: 5, spool_sync: "no", adapters: [logout::Slack] }
}

logout::logout! {
    struct Word { spool: yes, adapters: [logout::Slack] }
}

logout::logout! {
    struct Path { spool: /var/lib/shop, adapters: [logout::Slack] }
}

logout::logout! {
    struct List { spool: ["/var/lib/shop"], adapters: [logout::Slack] }
}

logout::logout! {
    struct Variable { spool: std::env::var_os("SHOP_STATE"), adapters: [logout::Slack] }
}

logout::logout! {
    struct Nothing { spool: None, adapters: [logout::Slack] }
}

fn main() {}
