//! The stack of the thread that sends, which stays small even unoptimised.

use std::time::Duration;

use figment::Figment;
use figment::value::Value;
use logout::sandbox::{Platform, Sandbox};
use logout::{Builder, Dispatch, Telegram, logout};
use tracing_subscriber::prelude::*;

logout! {
    struct Alerts { adapters: [Telegram] }
}

logout! {
    struct Twelve {
        adapters: [
            t0: Telegram, t1: Telegram, t2: Telegram, t3: Telegram, t4: Telegram, t5: Telegram,
            t6: Telegram, t7: Telegram, t8: Telegram, t9: Telegram, t10: Telegram, t11: Telegram,
        ],
    }
}

logout! {
    struct Most {
        adapters: [
            t0: Telegram, t1: Telegram, t2: Telegram, t3: Telegram, t4: Telegram, t5: Telegram,
            t6: Telegram, t7: Telegram, t8: Telegram, t9: Telegram, t10: Telegram, t11: Telegram,
            t12: Telegram, t13: Telegram, t14: Telegram, t15: Telegram, t16: Telegram, t17: Telegram,
            t18: Telegram, t19: Telegram, t20: Telegram, t21: Telegram, t22: Telegram, t23: Telegram,
            t24: Telegram, t25: Telegram, t26: Telegram, t27: Telegram, t28: Telegram, t29: Telegram,
            t30: Telegram, t31: Telegram, t32: Telegram, t33: Telegram, t34: Telegram, t35: Telegram,
            t36: Telegram, t37: Telegram, t38: Telegram, t39: Telegram, t40: Telegram, t41: Telegram,
            t42: Telegram, t43: Telegram, t44: Telegram, t45: Telegram, t46: Telegram, t47: Telegram,
            t48: Telegram, t49: Telegram, t50: Telegram, t51: Telegram, t52: Telegram, t53: Telegram,
            t54: Telegram, t55: Telegram, t56: Telegram, t57: Telegram, t58: Telegram, t59: Telegram,
            t60: Telegram, t61: Telegram, t62: Telegram, t63: Telegram,
        ],
    }
}

/// Returns settings that lead `instances` called `t0`, `t1` and so on to one chat.
fn settings(sandbox: &Sandbox, instances: usize) -> Figment {
    let of_one = sandbox.figment_for(Platform::Telegram);
    let of_one: Value = of_one.find_value("telegram").unwrap();
    (0..instances).fold(Figment::new(), |figment, index| {
        figment.merge((format!("t{index}"), of_one.clone()))
    })
}

/// Sends one event through all instances, on a thread with a stack of so many bytes.
fn send<D: Dispatch>(alerts: Builder<D>, stack: usize, sandbox: &Sandbox, instances: usize) {
    sandbox.set_rate_limits(false);
    let (layer, guard) = alerts.stack_size(stack).start().unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        tracing::error!(order = 42, "payment failed");
    });
    let arrived = sandbox.wait_for(1, Duration::from_secs(10));
    assert!(!arrived.is_empty());
    assert_eq!(guard.handle().stats().lanes.len(), instances);
    let _left = guard.handle().shutdown(Duration::ZERO);
}

#[test]
fn a_stack_of_512_kib_is_enough_to_send() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment_for(Platform::Telegram)).unwrap();
    send(alerts, 512 << 10, &sandbox, 1);
}

#[test]
fn a_stack_of_512_kib_is_enough_for_twelve_adapters() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Twelve::from_figment(settings(&sandbox, 12)).unwrap();
    send(alerts, 512 << 10, &sandbox, 12);
}

#[test]
fn an_ordinary_stack_is_enough_for_as_many_adapters_as_a_block_may_have() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Most::from_figment(settings(&sandbox, 64)).unwrap();
    send(alerts, 2 << 20, &sandbox, 64);
}
