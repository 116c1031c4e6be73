use super::*;
use crate::__private::check_fleet;
use crate::block::Block;

#[test]
fn a_name_is_a_part_of_a_key_that_chooses_no_node() {
    for name in ["shop", "Corner Shop-production", "läden", "a:b"] {
        assert!(is_name(name), "{name}");
    }
    for name in ["", "{shop}", "shop}", "a\nb", "\0"] {
        assert!(!is_name(name), "{name:?}");
    }
}

#[test]
fn a_block_may_name_its_fleet() {
    check_fleet(&Block::new("Alerts", "shop", &[]).fleet(Fleet::defaults().name("shop")));
}

#[test]
#[should_panic(expected = "help: write `name: \"shop\"`")]
fn a_name_with_braces_does_not_compile() {
    check_fleet(&Block::new("Alerts", "shop", &[]).fleet(Fleet::defaults().name("{shop}")));
}

#[test]
#[should_panic(expected = "help: write `timeout: \"10s\"`")]
fn a_timeout_of_zero_does_not_compile() {
    let fleet = Fleet::defaults().timeout(Duration::ZERO);
    check_fleet(&Block::new("Alerts", "shop", &[]).fleet(fleet));
}
