logout::logout! {
    #[derive(Debug, Clone)]
    struct Alerts {
        /// How bad it must be.
        level: WARN,
        #[cfg(unix)]
        spans: INFO,
        adapters: [
            #[deprecated]
            logout::Slack {
                #[cfg(unix)]
                level: ERROR,
            },
        ],
    }
}

fn main() {}
