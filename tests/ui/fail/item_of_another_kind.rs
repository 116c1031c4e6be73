logout::logout! {
    static ALERTS: Alerts = Alerts { level: WARN };
}

fn main() {}
