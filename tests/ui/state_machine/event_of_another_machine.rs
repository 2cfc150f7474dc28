use idem::StateMachine;

mod orders {
    #[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
    #[state_machine(initial = Unpaid)]
    #[transition(pay: Unpaid => Paid)]
    pub enum OrderStatus {
        Unpaid,
        #[state(final)]
        Paid,
    }
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Draft)]
#[transition(send: Draft => Sent)]
pub enum InvoiceStatus {
    Draft,
    #[state(final)]
    Sent,
}

fn fire() {
    let _ = orders::OrderStatus::Unpaid.apply(InvoiceStatusEvent::Send);
    orders::order_status::state::Unpaid.on(invoice_status::Send);
}

fn main() {}
